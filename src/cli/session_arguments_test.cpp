// SPDX-License-Identifier: Apache-2.0
#include "cli/session_arguments.hpp"

#include <gmock/gmock.h>

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

template <class Parsed>
Parsed good(Result<Parsed> parsed) {
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *std::move(parsed) : Parsed();
}

template <class Parsed>
std::string bad(const Result<Parsed>& parsed) {
  EXPECT_FALSE(parsed);
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, Errc::usage);
  return parsed.error().message;
}

TEST(ParseSessionsTest, TakesOneHost) {
  auto plain = good(parse_sessions({"web1"}));
  EXPECT_EQ(plain.host, "web1");
  EXPECT_FALSE(plain.json || plain.prune || plain.idle);
  auto all = good(parse_sessions({"web1", "--prune", "--idle", "7d", "--json"}));
  EXPECT_TRUE(all.json && all.prune);
  EXPECT_EQ(all.idle, 7 * 24h);
  EXPECT_THAT(bad(parse_sessions({})), HasSubstr("no host"));
  EXPECT_THAT(bad(parse_sessions({"a", "b"})), HasSubstr("one word too many"));
  EXPECT_THAT(bad(parse_sessions({"a", "--idle", "1d"})), HasSubstr("--idle needs --prune"));
  EXPECT_THAT(bad(parse_sessions({"a", "--prune", "--idle", "x"})), HasSubstr("--idle: 'x'"));
}

TEST(ParseAttachTest, TheSessionMayBeLeftOut) {
  EXPECT_EQ(good(parse_attach({"web1"})).session, "");
  auto attach = good(parse_attach(
      {"--read-only", "web1", "work", "--tail=20", "--scrollback", "0", "--escape", "none"}));
  EXPECT_EQ(attach.host, "web1");
  EXPECT_EQ(attach.session, "work");
  EXPECT_TRUE(attach.read_only);
  EXPECT_EQ(attach.tail, 20u);
  EXPECT_EQ(attach.scrollback, 0u);
  EXPECT_EQ(attach.escape.value(), std::nullopt);
  EXPECT_THAT(bad(parse_attach({})), HasSubstr("no host"));
  EXPECT_THAT(bad(parse_attach({"a", "b", "c"})), HasSubstr("'c' is one word too many"));
  for (auto number : {"x", "-1", "1x", "99999999999999999999"}) {
    EXPECT_THAT(bad(parse_attach({"a", "--tail", number})), HasSubstr("--tail: '"));
    EXPECT_THAT(bad(parse_attach({"a", "--scrollback", number})), HasSubstr("--scrollback: '"));
  }
  EXPECT_THAT(bad(parse_attach({"a", "--escape", "ab"})), HasSubstr("is no key"));
}

TEST(ParseKillTest, TakesManySessionsAndASignal) {
  auto kill = good(parse_kill({"web1", "work", "k3v9x2mq"}));
  EXPECT_THAT(kill.sessions, ElementsAre("work", "k3v9x2mq"));
  EXPECT_EQ(kill.signal, "HUP");
  EXPECT_EQ(good(parse_kill({"-s", "sigterm", "web1", "x"})).signal, "TERM");
  EXPECT_EQ(good(parse_kill({"web1", "x", "--signal=KILL"})).signal, "KILL");
  EXPECT_THAT(bad(parse_kill({"web1"})), HasSubstr("no session: nigh kill web1 ID"));
  EXPECT_THAT(bad(parse_kill({})), HasSubstr("no host"));
  EXPECT_THAT(bad(parse_kill({"web1", "x", "-s", "A&b"})), HasSubstr("is not a signal"));
}

TEST(ParseWaitTest, TakesOneSession) {
  auto wait = good(parse_wait({"web1", "build", "--connect-timeout", "3"}));
  EXPECT_EQ(wait.session, "build");
  EXPECT_EQ(wait.connect.timeout, 3s);
  EXPECT_THAT(bad(parse_wait({"web1"})), HasSubstr("no session: nigh wait web1 ID"));
  EXPECT_THAT(bad(parse_wait({"web1", "a", "b"})), HasSubstr("one word too many"));
}

TEST(ParseSessionsTest, HelpWins) {
  EXPECT_TRUE(good(parse_sessions({"-h"})).help);
  EXPECT_TRUE(good(parse_attach({"--help"})).help);
  EXPECT_TRUE(good(parse_kill({"-h"})).help);
  EXPECT_TRUE(good(parse_wait({"-h"})).help);
}

}  // namespace
}  // namespace nigh::cli
