// SPDX-License-Identifier: Apache-2.0
#include "cli/contact_line.hpp"

#include <gmock/gmock.h>

#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;

TEST(ContactTextTest, SaysHowLongAndTheWayOut) {
  EXPECT_EQ(contact_text("web1", 12'400ms, "~.", 79),
            "nigh: no contact with web1 for 12 s; ~. leaves");
  EXPECT_EQ(contact_text("web1", 0ms, "~.", 79), "nigh: no contact with web1 for 1 s; ~. leaves");
  EXPECT_EQ(contact_text("web1", 125s, "", 79), "nigh: no contact with web1 for 2 min 5 s");
}

TEST(ContactTextTest, IsShortenedForANarrowTerminal) {
  EXPECT_EQ(contact_text("web1", 12s, "~.", 40), "nigh: no contact for 12 s; ~. leaves");
  EXPECT_EQ(contact_text("web1", 12s, "~.", 19), "no contact 12 s; ~.");
  EXPECT_EQ(contact_text("web1", 12s, "~.", 12), "12 s");
  for (std::size_t columns = 0; columns < 100; ++columns)
    EXPECT_LE(columns_of(contact_text("web1", 3725s, "~.", columns)), columns);
  EXPECT_EQ(contact_text("web1", 12s, "~.", 2), "");
}

TEST(ContactTextTest, AHostDoesNotSteerTheTerminal) {
  EXPECT_EQ(contact_text("a\x1b[2J", 1s, "", 79), "nigh: no contact with a\\x1b[2J for 1 s");
}

TEST(ContactLineTest, StandsAtTheRightOfTheBottomRow) {
  WindowSize window{.columns = 20, .rows = 6};
  EXPECT_EQ(draw_at_bottom("12 s", window),
            "\x1b"
            "7\x1b[6;16H\x1b[0m\x1b[2m12 s\x1b[0m\x1b"
            "8");
  EXPECT_EQ(erase_at_bottom("12 s", window),
            "\x1b"
            "7\x1b[6;16H\x1b[0m\x1b[4X\x1b"
            "8");
}

TEST(ContactLineTest, StaysOnAWindowThatGotSmaller) {
  EXPECT_THAT(draw_at_bottom("12 s", {.columns = 3, .rows = 1}), testing::HasSubstr("\x1b[1;1H"));
}

}  // namespace
}  // namespace nigh::cli
