// SPDX-License-Identifier: Apache-2.0
#include "cli/session_choice.hpp"

#include <gmock/gmock.h>

namespace nigh::cli {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::vector<SessionInfo> three() {
  return {{.id = "aaaaaaaa", .name = "work", .command = "vim"},
          {.id = "bbbbbbbb", .name = "2", .command = "make"},
          {.id = "cccccccc", .command = "true", .keep = true, .exit = ExitStatus{}}};
}

TEST(SessionChoiceTest, AnIdGoesBeforeAName) {
  auto sessions = three();
  EXPECT_EQ(named_session(sessions, "work")->id, "aaaaaaaa");
  EXPECT_EQ(named_session(sessions, "cccccccc")->command, "true");
  sessions[1].name = "aaaaaaaa";
  EXPECT_EQ(named_session(sessions, "aaaaaaaa")->command, "vim");
}

TEST(SessionChoiceTest, WhatThereIsNotIsToldWithWhatThereIs) {
  auto missing = named_session(three(), "wrok");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_EQ(missing.error().message,
            "there is no session 'wrok'; there are work (vim, idle for "
            "0 s), 2 (make, idle for 0 s), cccccccc (true, exit 0)");
  EXPECT_THAT(named_session({}, "x").error().message, HasSubstr("nor any other"));
}

TEST(SessionChoiceTest, WhatRunsIsPreferred) {
  EXPECT_THAT(candidates(three()), SizeIs(2));
  EXPECT_THAT(candidates({three()[2]}), SizeIs(1));
  EXPECT_THAT(candidates({}), SizeIs(0));
  SessionInfo passing{.id = "dddddddd", .command = "cat"};
  EXPECT_THAT(candidates({passing}), SizeIs(0));
  EXPECT_THAT(candidates({passing, three()[2]}), SizeIs(1));
}

TEST(SessionChoiceTest, IsByNumberNameOrId) {
  auto sessions = candidates(three());
  EXPECT_EQ(choice_question(sessions),
            "  1  work (vim, idle for 0 s)\n"
            "  2  2 (make, idle for 0 s)\n"
            "Which? (1 to 2, or a name) ");
  EXPECT_EQ(choice_typed(sessions, " 1 "), 0u);
  EXPECT_EQ(choice_typed(sessions, "2"), 1u);
  EXPECT_EQ(choice_typed(sessions, "work"), 0u);
  EXPECT_EQ(choice_typed(sessions, "bbbbbbbb"), 1u);
  for (auto typed : {"", "0", "3", "-1", "1x", "x", "99999999999999999999"})
    EXPECT_EQ(choice_typed(sessions, typed), std::nullopt) << typed;
}

}  // namespace
}  // namespace nigh::cli
