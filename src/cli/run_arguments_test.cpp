// SPDX-License-Identifier: Apache-2.0
#include "cli/run_arguments.hpp"

#include <gmock/gmock.h>

#include "cli/environment_option.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

RunArguments good(const Arguments& arguments) {
  auto run = parse_run(arguments);
  EXPECT_TRUE(run) << run.error().message;
  return run ? *std::move(run) : RunArguments();
}

std::string bad(const Arguments& arguments) {
  auto run = parse_run(arguments);
  EXPECT_FALSE(run);
  if (run) return "";
  EXPECT_EQ(run.error().code, Errc::usage);
  return run.error().message;
}

TEST(ParseRunTest, OneWordIsALineForTheShell) {
  auto run = good({"web1", "--", "df -h | sort"});
  EXPECT_THAT(run.hosts, ElementsAre("web1"));
  EXPECT_EQ(run.command.command_line, "df -h | sort");
  EXPECT_THAT(run.command.argv, IsEmpty());
}

TEST(ParseRunTest, SeveralWordsAreAnArgv) {
  auto run = good({"web1", "--", "ls", "-l", "a b", ""});
  EXPECT_THAT(run.command.argv, ElementsAre("ls", "-l", "a b", ""));
  EXPECT_EQ(run.command.command_line, "");
}

TEST(ParseRunTest, WithOneHostTheDashesMayBeLeftOut) {
  auto run = good({"-n", "--cwd", "/srv", "web1", "ls", "-l", "--json", "-h"});
  EXPECT_THAT(run.hosts, ElementsAre("web1"));
  EXPECT_THAT(run.command.argv, ElementsAre("ls", "-l", "--json", "-h"));
  EXPECT_TRUE(run.null_input);
  EXPECT_FALSE(run.json);
  EXPECT_EQ(run.command.directory, "/srv");
  EXPECT_EQ(good({"web1", "uptime"}).command.command_line, "uptime");
}

TEST(ParseRunTest, OptionsMayStandBetweenHostsBeforeTheDashes) {
  auto run =
      good({"web1", "--json", "root@web2:70", "-v", "nigh://[::1]:7", "--", "id", "--", "-h"});
  EXPECT_THAT(run.hosts, ElementsAre("web1", "root@web2:70", "nigh://[::1]:7"));
  EXPECT_TRUE(run.json);
  EXPECT_TRUE(run.connect.verbose);
  EXPECT_THAT(run.command.argv, ElementsAre("id", "--", "-h"));
}

TEST(ParseRunTest, ABracketedAddressStaysAsItIs) {
  EXPECT_THAT(good({"[::1]", "--", "id"}).hosts, ElementsAre("[::1]"));
}

TEST(ParseRunTest, RepeatedOptionsGather) {
  auto run = good({"--env", "A=1", "-i", "k1", "--env=B=x=y", "--env", "C=", "--identity=k2", "-t",
                   "-t", "web1", "--", "env"});
  EXPECT_THAT(run.command.environment,
              ElementsAre(Pair("A", "1"), Pair("B", "x=y"), Pair("C", "")));
  EXPECT_THAT(run.connect.identities, ElementsAre("k1", "k2"));
  EXPECT_EQ(run.tty, 2);
  EXPECT_EQ(good({"-tt", "web1", "x"}).tty, 2);
}

TEST(ParseRunTest, ReadsTimesAndNumbers) {
  auto run = good({"--timeout", "1h30m", "--connect-timeout=3", "--parallel", "7", "w", "x"});
  EXPECT_EQ(run.command.time_limit, 90min);
  EXPECT_EQ(run.connect.timeout, 3s);
  EXPECT_EQ(run.parallel, 7u);
  EXPECT_EQ(good({"w", "x"}).command.time_limit, std::nullopt);
}

TEST(ParseRunTest, HelpWinsOverWhatIsMissing) {
  EXPECT_TRUE(good({"--help"}).help);
  EXPECT_TRUE(good({"web1", "-h", "--"}).help);
  EXPECT_FALSE(good({"web1", "ls", "-h"}).help);
}

TEST(ParseRunTest, SaysWhatIsMissing) {
  EXPECT_THAT(bad({}), HasSubstr("no host"));
  EXPECT_THAT(bad({"--", "ls"}), HasSubstr("no host before --"));
  EXPECT_THAT(bad({"web1"}), HasSubstr("no command for web1: nigh run web1 -- COMMAND"));
  EXPECT_THAT(bad({"web1", "--"}), HasSubstr("no command"));
  EXPECT_THAT(bad({"web1", "--", ""}), HasSubstr("empty word"));
  EXPECT_THAT(bad({"", "--", "ls"}), HasSubstr("empty word"));
}

TEST(ParseRunTest, SaysWhichOptionIsWrong) {
  EXPECT_EQ(bad({"--jsn", "web1", "ls"}), "unknown option '--jsn'; did you mean --json?");
  EXPECT_EQ(bad({"web1", "-q", "--", "ls"}), "unknown option '-q'");
  EXPECT_THAT(bad({"web1", "-t", "ls"}), HasSubstr("'-t' after the host"));
  EXPECT_EQ(bad({"--identity"}), "option --identity needs a value");
  EXPECT_EQ(bad({"--cwd=", "web1", "--", "ls"}), "option --cwd needs a value");
  EXPECT_THAT(bad({"--env", "A", "web1", "ls"}), HasSubstr("'A' is not NAME=VALUE"));
  EXPECT_THAT(bad({"--env", "1A=x", "web1", "ls"}), HasSubstr("not NAME=VALUE"));
  EXPECT_THAT(bad({"--timeout", "soon", "web1", "ls"}), HasSubstr("--timeout: 'soon'"));
  for (auto number : {"0", "x", "-1", "1x", "10001"})
    EXPECT_THAT(bad({"--parallel", number, "web1", "ls"}), HasSubstr("--parallel: '"));
}

TEST(ParseRunTest, RefusesATerminalForManyOrForData) {
  EXPECT_THAT(bad({"-t", "web1", "web2", "--", "sh"}), HasSubstr("-t works with one host"));
  EXPECT_THAT(bad({"-t", "--json", "web1", "sh"}), HasSubstr("exclude each other"));
}

TEST(ParseRunTest, KeepsOneCommand) {
  auto run = good({"--keep", "--name", "build", "web1", "--", "make", "-j8"});
  EXPECT_TRUE(run.command.keep);
  EXPECT_EQ(run.command.name, "build");
  EXPECT_THAT(bad({"--name", "build", "web1", "make"}), HasSubstr("--name needs --keep"));
  EXPECT_THAT(bad({"--keep", "a", "b", "--", "make"}), HasSubstr("--keep works with one host"));
  EXPECT_THAT(bad({"--keep", "--json", "a", "make"}), HasSubstr("exclude each other"));
  EXPECT_THAT(bad({"--keep", "--name", "a b", "a", "make"}), HasSubstr("is no name"));
}

TEST(ParseRunTest, ErrorsDoNotSteerTheTerminal) {
  EXPECT_EQ(bad({"--\x1b[2J", "web1", "ls"}).find('\x1b'), std::string::npos);
}

TEST(LocaleTest, OnlyTheLocaleIsSent) {
  const char* environment[] = {"PATH=/bin",   "LANG=de_DE.UTF-8", "LC_ALL=", "LC_A-B=x",
                               "LANGUAGE=de", "LC_TIME=C",        "broken",  nullptr};
  EXPECT_THAT(locale_of(environment),
              ElementsAre(Pair("LANG", "de_DE.UTF-8"), Pair("LC_ALL", ""), Pair("LC_TIME", "C")));
}

}  // namespace
}  // namespace nigh::cli
