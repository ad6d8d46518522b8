// SPDX-License-Identifier: Apache-2.0
#include "server/worker/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

using Words = std::vector<std::string>;

const Account kAlice{"alice", "/home/alice", "/bin/bash", false};

Start ask(Words argv, std::string line = "") {
  Start start;
  start.argv = std::move(argv);
  start.command_line = std::move(line);
  start.connection = "192.0.2.1 4711 192.0.2.2 7722";
  return start;
}

ssh::KeyOptions options(std::string_view text) { return ssh::parse_key_options(text).value(); }

// The value of `name` in the environment; "(none)" if it is not set, "(twice)" if it is ambiguous.
std::string variable(const SpawnSpec& spec, const std::string& name) {
  std::string value = "(none)";
  for (const auto& entry : spec.environment)
    if (entry.starts_with(name + "="))
      value = value == "(none)" ? entry.substr(name.size() + 1) : "(twice)";
  return value;
}

TEST(PlanTest, SeveralWordsAreRunAsTheyAre) {
  auto spec = plan_process(ask({"sh", "-c", "a b; $(c)"}), {}, kAlice, "").value();
  EXPECT_TRUE(spec.program == "/usr/bin/sh" || spec.program == "/bin/sh");
  EXPECT_EQ(spec.argv, (Words{"sh", "-c", "a b; $(c)"}));
  EXPECT_EQ(spec.directory, "/home/alice");
  EXPECT_TRUE(spec.new_session);
  EXPECT_EQ(spec.terminal, "");
}

TEST(PlanTest, ALineIsForTheLoginShell) {
  auto spec = plan_process(ask({}, "ls | wc"), {}, kAlice, "").value();
  EXPECT_EQ(spec.program, "/bin/bash");
  EXPECT_EQ(spec.argv, (Words{"bash", "-c", "ls | wc"}));
}

TEST(PlanTest, NeitherIsTheLoginShellItself) {
  auto spec = plan_process(ask({}), {}, kAlice, "").value();
  EXPECT_EQ(spec.program, "/bin/bash");
  EXPECT_EQ(spec.argv, (Words{"-bash"}));
  EXPECT_EQ(spec.directory, "/home/alice");
  auto forced = plan_process(ask({}), options(R"(command="menu")"), kAlice, "").value();
  EXPECT_EQ(forced.argv, (Words{"bash", "-c", "menu"}));
  EXPECT_EQ(variable(forced, "SSH_ORIGINAL_COMMAND"), "(none)") << "nothing was asked for";
}

TEST(PlanTest, TheEnvironmentIsThatOfALogin) {
  auto spec = plan_process(ask({"true"}), {}, kAlice, "").value();
  auto names = spec.environment;
  for (auto& entry : names) entry.resize(entry.find('='));
  EXPECT_EQ(names, (Words{"HOME", "LOGNAME", "NIGH_CONNECTION", "PATH", "SHELL", "SSH_CONNECTION",
                          "USER"}));
  EXPECT_EQ(variable(spec, "HOME"), "/home/alice");
  EXPECT_EQ(variable(spec, "USER") + variable(spec, "LOGNAME"), "alicealice");
  EXPECT_EQ(variable(spec, "SHELL"), "/bin/bash");
  EXPECT_EQ(variable(spec, "PATH"), "/usr/local/bin:/usr/bin:/bin:/usr/games");
  EXPECT_EQ(variable(spec, "SSH_CONNECTION"), "192.0.2.1 4711 192.0.2.2 7722");
  EXPECT_EQ(variable(spec, "NIGH_CONNECTION"), "192.0.2.1 4711 192.0.2.2 7722");
}

TEST(PlanTest, RootsPathHasTheAdministratorsDirectories) {
  Account root{"root", "/root", "/bin/sh", true};
  EXPECT_EQ(variable(plan_process(ask({"true"}), {}, root, "").value(), "PATH"),
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

struct Environment {
  const char* options;
  const char* sent;
  const char* name;
  const char* value;
};

TEST(PlanTest, WhatTheClientSendsCountsUnlessTheKeyIsRestricted) {
  const Environment table[] = {
      {"", "A=1", "A", "1"},
      {"", "A=1=2", "A", "1=2"},
      {"", "PATH=/opt", "PATH", "/opt"},
      {"restrict", "A=1", "A", "(none)"},
      {"restrict", "LD_PRELOAD=/x", "LD_PRELOAD", "(none)"},
      {"restrict", "PATH=/opt", "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/games"},
      {"restrict", "HOME=/opt", "HOME", "/home/alice"},
      {"restrict", "LANG=de_DE.UTF-8", "LANG", "de_DE.UTF-8"},
      {"restrict", "LC_ALL=C", "LC_ALL", "C"},
      {"restrict", "COLORTERM=truecolor", "COLORTERM", "truecolor"},
      {"restrict", "LANGUAGE=de", "LANGUAGE", "(none)"},
      {"command=\"x\"", "BASH_ENV=/x", "BASH_ENV", "(none)"},
      {"restrict,pty", "TERMINFO=/x", "TERMINFO", "(none)"},
      {"environment=\"A=key\"", "A=client", "A", "key"},
      {"environment=\"A=first\",environment=\"A=second\"", "", "A", "first"},
      {"restrict,environment=\"LANG=C\"", "LANG=de", "LANG", "C"},
      {"", "SSH_CONNECTION=forged", "SSH_CONNECTION", "192.0.2.1 4711 192.0.2.2 7722"},
      {"", "NIGH_CONNECTION=forged", "NIGH_CONNECTION", "192.0.2.1 4711 192.0.2.2 7722"},
      {"environment=\"SSH_CONNECTION=x\"", "", "SSH_CONNECTION", "192.0.2.1 4711 192.0.2.2 7722"},
      {"command=\"x\"", "SSH_ORIGINAL_COMMAND=forged", "SSH_ORIGINAL_COMMAND", "/bin/true a"},
  };
  for (const auto& row : table) {
    auto start = ask({"/bin/true", "a"});
    if (*row.sent != '\0') start.environment = {row.sent};
    auto spec = plan_process(start, options(row.options), kAlice, "").value();
    EXPECT_EQ(variable(spec, row.name), row.value) << row.options << " / " << row.sent;
  }
}

TEST(PlanTest, ARestrictedKeyMayNameAnAgentThatItForwards) {
  auto alice = kAlice;
  auto sees = [&](std::string_view restrictions, const std::string& path) {
    auto start = ask({"/bin/true"});
    start.environment = {"SSH_AUTH_SOCK=" + path};
    return variable(plan_process(start, options(restrictions), alice, "").value(),
                    "SSH_AUTH_SOCK") == path;
  };
  EXPECT_FALSE(sees("command=\"x\"", "/state/agent/abc/agent")) << "there is no such folder";
  alice.agents = "/state/agent";
  EXPECT_TRUE(sees("command=\"x\"", "/state/agent/abc/agent"));
  EXPECT_FALSE(sees("command=\"x\"", "/state/agent/../../run/agent"));
  EXPECT_FALSE(sees("command=\"x\"", "/run/user/1000/agent"));
  EXPECT_FALSE(sees("restrict", "/state/agent/abc/agent"));
  EXPECT_FALSE(sees("command=\"x\",no-agent-forwarding", "/state/agent/abc/agent"));
  EXPECT_TRUE(sees("restrict,agent-forwarding", "/state/agent/abc/agent"));
}

TEST(PlanTest, AForcedCommandRunsWhateverWasAskedFor) {
  auto forced = options("command=\"/usr/bin/backup --all\"");
  for (auto [argv, line, original] : {std::tuple(Words{"rm", "-r", "a b"}, "", "rm -r a b"),
                                      {Words{}, "ls; id", "ls; id"},
                                      {Words{"/no/such/program"}, "", "/no/such/program"}}) {
    auto start = ask(argv, line);
    start.directory = "/etc";
    auto spec = plan_process(start, forced, kAlice, "").value();
    EXPECT_EQ(spec.program, "/bin/bash");
    EXPECT_EQ(spec.argv, (Words{"bash", "-c", "/usr/bin/backup --all"}));
    EXPECT_EQ(spec.directory, "/home/alice") << "nor does it choose where";
    EXPECT_EQ(variable(spec, "SSH_ORIGINAL_COMMAND"), original);
  }
  EXPECT_EQ(variable(plan_process(ask({"true"}), {}, kAlice, "").value(), "SSH_ORIGINAL_COMMAND"),
            "(none)");
}

TEST(PlanTest, TheDirectoryThatWasAskedForIsUsed) {
  auto start = ask({"true"});
  start.directory = "/var/tmp";
  EXPECT_EQ(plan_process(start, {}, kAlice, "")->directory, "/var/tmp");
  start.directory = "src/x";
  EXPECT_EQ(plan_process(start, {}, kAlice, "")->directory, "/home/alice/src/x");
}

TEST(PlanTest, AProgramIsLookedUpInThePathThatItWillHave) {
  nigh::for_test::Folder folder;
  auto program = folder.write("tool", "#!/bin/sh\n", 0700);
  folder.write("data", "", 0600);
  auto start = ask({"tool"});
  start.environment = {"PATH=/nowhere:" + folder.path()};
  EXPECT_EQ(plan_process(start, {}, kAlice, "")->program, program);
  start.argv = {"./tool"};
  EXPECT_EQ(plan_process(start, {}, kAlice, "")->program, "./tool");

  start.argv = {"data"};
  auto refused = plan_process(start, {}, kAlice, "").error();
  EXPECT_EQ(refused.trouble, Trouble::not_found);
  EXPECT_EQ(refused.message, "cannot run data: no such command in /nowhere:" + folder.path());
  start.argv = {""};
  EXPECT_EQ(plan_process(start, {}, kAlice, "").error().trouble, Trouble::not_found);
}

TEST(PlanTest, ATerminalBringsItsTypeAndName) {
  auto start = ask({"true"});
  start.terminal = Terminal{"xterm-256color", 80, 24, 0, 0};
  start.environment = {"TERM=forged", "SSH_TTY=forged"};
  auto spec = plan_process(start, {}, kAlice, "/dev/pts/7").value();
  EXPECT_EQ(spec.terminal, "/dev/pts/7");
  EXPECT_EQ(variable(spec, "TERM"), "xterm-256color");
  EXPECT_EQ(variable(spec, "SSH_TTY"), "/dev/pts/7");
}

TEST(PlanTest, ATerminalNeedsThePtyPermission) {
  for (auto [text, allowed] : {std::pair("", true),
                               {"no-pty", false},
                               {"restrict", false},
                               {"restrict,pty", true},
                               {"command=\"x\"", true}}) {
    auto may = may_have_terminal(options(text));
    EXPECT_EQ(may.has_value(), allowed) << text;
    if (!may) {
      EXPECT_EQ(may.error().trouble, Trouble::not_permitted);
    }
  }
}

TEST(PlanTest, FilesAreServedByThisProgramUnderAnotherName) {
  StartFiles start{1, "grant", "192.0.2.1 4711 192.0.2.2 7722"};
  auto spec =
      plan_files(start, options("environment=\"A=b\",no-pty"), kAlice, {.log_level = "info"})
          .value();
  EXPECT_EQ(spec.program, "/proc/self/exe");
  EXPECT_EQ(spec.argv, (Words{"nigh-files", "info"}));
  EXPECT_EQ(spec.directory, "/home/alice");
  EXPECT_TRUE(spec.new_session);
  EXPECT_EQ(variable(spec, "HOME"), "/home/alice");
  EXPECT_EQ(variable(spec, "PATH"), "/usr/local/bin:/usr/bin:/bin:/usr/games");
  EXPECT_EQ(variable(spec, "A"), "b");
  EXPECT_EQ(variable(spec, "SSH_CONNECTION"), start.connection);
}

TEST(PlanTest, FilesAreNotServedToKeysThatAreRestricted) {
  for (const auto* text : {"restrict", "restrict,pty,port-forwarding", "command=\"sftp-server\""}) {
    auto spec = plan_files({}, options(text), kAlice, {});
    ASSERT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().trouble, Trouble::not_permitted);
  }
}

}  // namespace
}  // namespace nigh::server
