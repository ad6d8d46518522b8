// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "service/terminal/repaint.hpp"
#include "service/terminal/screen.hpp"
#include "service/terminal/state_for_test.hpp"

namespace nigh::terminal {
namespace {

// All text in the history and on the page, line by line as programs printed it.
std::string all_text(const State& state) {
  Terminal wide(state.primary.rows(), 2000, 10'000);
  wide.feed(repaint(state, 10'000, PaintFrom::cursor));
  std::string text;
  wide.state().history.for_newest(10'000, [&](const HistoryLine& line) {
    Page page(1, 2000);
    page.set_rows({decode_line(line.bytes, 2000)}, {false});
    text += row_text(page, 0) + "|";
  });
  text += page_text(wide.state().primary);
  return text.substr(0, text.find_last_not_of('|') + 1);
}

TEST(Resize, lines_are_broken_anew_and_the_cursor_stays_in_its_place) {
  Terminal terminal(4, 10, 100);
  terminal.feed("one two three four\r\n\x1b[32mfive\x1b[m six");
  terminal.resize(4, 6);
  EXPECT_EQ(page_text(terminal.state().primary), "o thre|e four|five s|ix");
  EXPECT_EQ(terminal.state().history.newest().bytes, "one tw");
  EXPECT_EQ(terminal.state().cursor.row, 3);
  EXPECT_EQ(terminal.state().cursor.column, 2);
  terminal.resize(4, 20);
  EXPECT_EQ(page_text(terminal.state().primary), "one two three four|five six");
  terminal.feed("!");
  EXPECT_EQ(row_text(terminal.state().primary, 1), "five six!");
}

TEST(Resize, a_taller_screen_shows_lines_of_the_history_again) {
  Terminal terminal(3, 10, 100);
  for (int line = 1; line <= 8; ++line) terminal.feed(fmt::format("line {}\r\n", line));
  terminal.resize(6, 10);
  EXPECT_EQ(page_text(terminal.state().primary), "line 4|line 5|line 6|line 7|line 8");
  EXPECT_EQ(terminal.state().cursor.row, 5);
  terminal.resize(2, 10);
  EXPECT_EQ(page_text(terminal.state().primary), "line 8");
  EXPECT_EQ(terminal.state().history.size(), 7U);
}

TEST(Resize, a_cleared_screen_stays_clear_when_it_gets_wider) {
  Terminal terminal(3, 10, 100);
  terminal.feed("1\r\n2\r\n3\r\n4\r\n\x1b[H\x1b[2Jprompt");
  terminal.resize(3, 20);
  EXPECT_EQ(page_text(terminal.state().primary), "prompt");
}

TEST(Resize, wide_characters_move_whole) {
  Terminal terminal(4, 6, 100);
  terminal.feed("ab\u6f22\u5b57\u6f22\u5b57");
  terminal.resize(4, 5);
  EXPECT_EQ(page_text(terminal.state().primary), "ab\u6f22|\u5b57\u6f22|\u5b57");
  terminal.resize(4, 6);
  EXPECT_EQ(page_text(terminal.state().primary), "ab\u6f22\u5b57|\u6f22\u5b57");
  terminal.resize(4, 1);
  terminal.resize(1, 1);
  terminal.resize(4, 6);
}

TEST(Resize, the_page_behind_an_editor_is_broken_anew_too) {
  Terminal terminal(4, 10, 100);
  terminal.feed("a line that is long\r\n$ vi\x1b[?1049h\x1b[Hedited text");
  terminal.resize(4, 20);
  EXPECT_EQ(page_text(terminal.state().page()), "edited tex|t");
  terminal.feed("\x1b[?1049l");
  EXPECT_EQ(page_text(terminal.state().page()), "a line that is long|$ vi");
  EXPECT_EQ(terminal.state().cursor.row, 1);
  EXPECT_EQ(terminal.state().cursor.column, 4);
}

TEST(Resize, no_text_above_the_cursor_is_lost) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomOutput random(seed);
    Terminal terminal(5, 12, 10'000);
    for (int line = 0; line < 30; ++line) {
      std::string text;
      for (int words = random.number(8); words > 0; --words) text += "word\u6f22 x";
      terminal.feed(text + "x\r\n");
    }
    const std::string wanted = all_text(terminal.state());
    for (int round = 0; round < 8; ++round) {
      terminal.resize(1 + random.number(20), 2 + random.number(40));
      const std::string text = all_text(terminal.state());
      const auto at =
          static_cast<std::size_t>(std::ranges::mismatch(text, wanted).in1 - text.begin());
      ASSERT_EQ(text, wanted) << "from " << text.substr(at - std::min(at, std::size_t{40}), 80);
    }
  }
}

TEST(Resize, any_sizes_after_any_output) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    RandomOutput random(seed);
    Terminal terminal(1 + random.number(9), 1 + random.number(30), 50);
    for (int round = 0; round < 12; ++round) {
      terminal.feed(random.bytes(random.number(30)));
      const int rows = 1 + random.number(12);
      const int columns = 1 + random.number(40);
      terminal.resize(rows, columns);
      Terminal other(rows, columns, 50);
      other.feed(repaint(terminal.state(), 0, PaintFrom::cursor));
      ASSERT_EQ(describe(other.state().page()), describe(terminal.state().page()));
      ASSERT_EQ(describe(other.state().cursor), describe(terminal.state().cursor));
    }
  }
}

TEST(Resize, sizes_are_clamped) {
  Screen screen(0, 0, 10);
  EXPECT_EQ(screen.rows(), 1U);
  EXPECT_EQ(screen.columns(), 1U);
  screen.feed("text");
  screen.resize(100'000, 100'000);
  EXPECT_EQ(screen.rows(), Screen::kMaxRows);
  EXPECT_EQ(screen.columns(), Screen::kMaxColumns);
  screen.resize(1, 1);
}

}  // namespace
}  // namespace nigh::terminal
