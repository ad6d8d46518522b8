// SPDX-License-Identifier: Apache-2.0
#include "cli/shell_arguments.hpp"

#include <gmock/gmock.h>

#include "cli/environment_option.hpp"

namespace nigh::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

ShellArguments good(const Arguments& arguments) {
  auto shell = parse_shell(arguments);
  EXPECT_TRUE(shell) << shell.error().message;
  return shell ? *std::move(shell) : ShellArguments();
}

std::string bad(const Arguments& arguments) {
  auto shell = parse_shell(arguments);
  EXPECT_FALSE(shell);
  if (shell) return "";
  EXPECT_EQ(shell.error().code, Errc::usage);
  return shell.error().message;
}

TEST(ParseShellTest, AHostAloneIsALoginShell) {
  auto shell = good({"ada@web1"});
  EXPECT_EQ(shell.host, "ada@web1");
  EXPECT_EQ(shell.command.command_line, "");
  EXPECT_FALSE(shell.escape) << "the configuration decides";
  EXPECT_FALSE(shell.detached);
}

TEST(ParseShellTest, WordsAfterTheHostAreOneLine) {
  EXPECT_EQ(good({"web1", "vim /etc/hosts"}).command.command_line, "vim /etc/hosts");
  EXPECT_EQ(good({"web1", "ls", "-l", "--name", "x"}).command.command_line, "ls -l --name x");
  EXPECT_EQ(good({"web1", "git", "log", "--", "f"}).command.command_line, "git log -- f");
}

TEST(ParseShellTest, OptionsStandBeforeOrBehindTheHost) {
  for (const auto& arguments :
       {Arguments{"--name", "work", "-v", "web1"}, Arguments{"web1", "--name", "work", "-v"},
        Arguments{"-v", "web1", "--name=work"},
        Arguments{"--name", "x", "web1", "--name", "work", "-v"}}) {
    auto shell = good(arguments);
    EXPECT_EQ(shell.host, "web1");
    EXPECT_EQ(shell.command.name, "work");
    EXPECT_TRUE(shell.connect.verbose);
    EXPECT_EQ(shell.command.command_line, "");
  }
  auto shell = good({"-i", "a", "web1", "-i", "b", "uptime", "-p"});
  EXPECT_THAT(shell.connect.identities, ElementsAre("a", "b"));
  EXPECT_EQ(shell.command.command_line, "uptime -p");
}

TEST(ParseShellTest, DashesEndTheOptions) {
  EXPECT_EQ(good({"web1", "--", "-x"}).command.command_line, "-x");
  EXPECT_EQ(good({"web1", "-v", "--", "ls", "--", "x"}).command.command_line, "ls -- x");
  EXPECT_EQ(good({"--", "web1", "ls"}).command.command_line, "ls");
  EXPECT_EQ(good({"web1", "--"}).command.command_line, "");
}

TEST(ParseShellTest, ReadsTheRest) {
  auto shell = good({"--detached", "--escape", "^]", "--env", "A=1", "--cwd", "/srv",
                     "--connect-timeout", "3", "web1", "make"});
  EXPECT_TRUE(shell.detached);
  EXPECT_EQ(shell.escape.value(), '\x1d');
  EXPECT_THAT(shell.command.environment, ElementsAre(Pair("A", "1")));
  EXPECT_EQ(shell.command.directory, "/srv");
  EXPECT_EQ(shell.connect.timeout, std::chrono::seconds(3));
  EXPECT_EQ(good({"web1", "--escape", "none"}).escape.value(), std::nullopt);
}

TEST(ParseShellTest, HelpWins) {
  EXPECT_TRUE(good({"--help"}).help);
  EXPECT_TRUE(good({"web1", "-h"}).help);
  EXPECT_FALSE(good({"web1", "ls", "-h"}).help);
}

TEST(ParseShellTest, SaysWhatIsWrong) {
  EXPECT_THAT(bad({}), HasSubstr("no host: nigh shell HOST"));
  EXPECT_THAT(bad({"", "ls"}), HasSubstr("no host"));
  EXPECT_THAT(bad({"web1", " "}), HasSubstr("the command is empty"));
  EXPECT_EQ(bad({"web1", "--nmae", "x"}), "unknown option '--nmae'; did you mean --name?");
  EXPECT_THAT(bad({"--escape", "ab", "web1"}), HasSubstr("--escape: 'ab' is no key"));
  EXPECT_THAT(bad({"--env", "A", "web1"}), HasSubstr("not NAME=VALUE"));
  for (auto name : {"a b", "ü", "a/b"})
    EXPECT_THAT(bad({"--name", name, "web1"}), HasSubstr("is no name for a session"));
  EXPECT_THAT(bad({"--name", std::string(65, 'a'), "web1"}), HasSubstr("is no name"));
  EXPECT_EQ(good({"--name", std::string(64, 'a'), "web1"}).command.name.size(), 64u);
}

TEST(TerminalEnvironmentTest, ColoursAreSentWithTheLocale) {
  const char* environment[] = {"COLORTERM=truecolor", "LANG=C", "TERM=xterm", nullptr};
  EXPECT_THAT(terminal_environment_of(environment),
              ElementsAre(Pair("COLORTERM", "truecolor"), Pair("LANG", "C")));
  EXPECT_THAT(locale_of(environment), ElementsAre(Pair("LANG", "C")));
}

}  // namespace
}  // namespace nigh::cli
