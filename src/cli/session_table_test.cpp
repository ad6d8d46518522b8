// SPDX-License-Identifier: Apache-2.0
#include "cli/session_table.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const auto kNow = std::chrono::system_clock::from_time_t(1'790'000'000);
const Style kPlain(false);

class SessionTableTest : public testing::Test {
 protected:
  SessionTableTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

SessionInfo shell() {
  return {.id = "k3v9x2mq",
          .name = "work",
          .command = "-bash",
          .created = kNow - 2h,
          .terminal = true,
          .clients = {"192.0.2.7", "192.0.2.8"},
          .size = {.columns = 80, .rows = 24},
          .idle = 95s};
}

SessionInfo build() {
  return {.id = "abcdefgh",
          .command = "make -j8 all install",
          .created = kNow - 3h,
          .keep = true,
          .idle = 5s,
          .exit = ExitStatus{.code = 2}};
}

TEST_F(SessionTableTest, OneLineEachTheOldestFirst) {
  EXPECT_EQ(session_table({shell(), build()}, 200, kNow, kPlain),
            "ID        NAME  CREATED       CLIENTS       SIZE   IDLE        COMMAND\n"
            "abcdefgh  -     Sep 21 11:13  -             -      exit 2      make -j8 all install\n"
            "k3v9x2mq  work  Sep 21 12:13  192.0.2.7 +1  80x24  1 min 35 s  login shell\n");
  EXPECT_EQ(session_table({}, 80, kNow, kPlain), "");
}

TEST_F(SessionTableTest, NoLineIsWiderThanTheTerminal) {
  for (std::size_t columns = 1; columns < 120; ++columns)
    for (auto line : split(session_table({shell(), build()}, columns, kNow, kPlain), '\n'))
      EXPECT_LE(columns_of(line), columns) << line;
}

TEST_F(SessionTableTest, ANarrowTerminalShowsIdAndState) {
  EXPECT_EQ(session_table({build()}, 30, kNow, kPlain),
            "ID        IDLE    COMMAND\n"
            "abcdefgh  exit 2  make -j8 al+\n");
}

TEST_F(SessionTableTest, WhatAHostSaysDoesNotSteerTheTerminal) {
  auto session = shell();
  session.id = session.name = session.command = "\x1b[2J";
  session.clients = {"\x1b[2J"};
  session.exit = ExitStatus{.signal = "\x1b[2J"};
  EXPECT_THAT(session_table({session}, 200, kNow, kPlain), Not(HasSubstr("\x1b")));
  EXPECT_THAT(describe_session(session), Not(HasSubstr("\x1b")));
}

TEST_F(SessionTableTest, JsonHasItAll) {
  EXPECT_EQ(session_json(shell()),
            R"({"id":"k3v9x2mq","name":"work","command":"-bash",)"
            R"("created":"2026-09-21T12:13:20.000Z","terminal":true,"keep":false,)"
            R"("clients":["192.0.2.7","192.0.2.8"],"columns":80,"rows":24,"idle_seconds":95,)"
            R"("running":true})");
  EXPECT_THAT(session_json(build()), HasSubstr(R"("name":null)"));
  EXPECT_THAT(session_json(build()), HasSubstr(R"("running":false,"exit":2,"signal":null})"));
  auto killed = build();
  killed.exit = ExitStatus{.signal = "KILL"};
  EXPECT_THAT(session_json(killed), HasSubstr(R"("exit":null,"signal":"KILL")"));
  killed.command = "\xff";
  EXPECT_THAT(session_json(killed), HasSubstr(R"("command":"\\xff")"));
}

TEST_F(SessionTableTest, AChoiceIsInWords) {
  EXPECT_EQ(describe_session(shell()), "work (login shell, idle for 1 min 35 s)");
  EXPECT_EQ(describe_session(build()), "abcdefgh (make -j8 all install, exit 2)");
}

}  // namespace
}  // namespace nigh::cli
