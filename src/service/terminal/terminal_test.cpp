// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/terminal.hpp"

#include <gtest/gtest.h>

#include "service/terminal/state_for_test.hpp"
#include "service/terminal/width.hpp"

namespace nigh::terminal {
namespace {

struct Case {
  std::string_view input;
  std::string_view page;  // of 4 rows of 8 columns
  int row = -1;           // of the cursor
  int column = -1;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& each : cases) {
    Terminal terminal(4, 8, 10);
    terminal.feed(each.input);
    const State& state = terminal.state();
    EXPECT_EQ(page_text(state.page()), each.page) << each.input;
    if (each.row < 0) continue;
    EXPECT_EQ(state.cursor.row, each.row) << each.input;
    EXPECT_EQ(state.cursor.column, each.column) << each.input;
    // However it is cut.
    Terminal other(4, 8, 10);
    for (const char byte : each.input) other.feed({&byte, 1});
    EXPECT_EQ(describe(other.state()), describe(state)) << each.input;
  }
}

TEST(Terminal, text_wraps_only_when_more_follows) {
  expect_all({
      {"12345678", "12345678", 0, 7},
      {"123456789", "12345678|9", 1, 1},
      {"12345678\r\n9", "12345678|9", 1, 1},
      {"12345678\bX", "123456X8", 0, 7},
      {"12345678\x1b[KX", "1234567X", 0, 7},
      {"\x1b[?7l1234567890", "12345670", 0, 7},
      {"1234567\u6f22", "1234567|\u6f22", 1, 2},
      {"\x1b[?7l1234567\u6f22", "123456\u6f22", 0, 7},
  });
}

TEST(Terminal, controls_move_the_cursor) {
  expect_all({
      {"a\tb\tc", "a......b|c", 1, 1},
      {"a\nb", "a|.b", 1, 2},
      {"ab\b\bc", "cb", 0, 1},
      {"\x1b[20ha\nb", "a|b", 1, 1},
      {"1\r\n2\r\n3\r\n4\r\n5", "2|3|4|5", 3, 1},
      {"1\x1b"
       "E2\x1b"
       "D3\x1b"
       "M4",
       "1|2.4|.3", 1, 3},
      {"\x1bMtop", "top", 0, 3},
  });
}

TEST(Terminal, characters_combine_and_wide_ones_are_never_halved) {
  expect_all({
      {"e\u0301x", "e\u0301x", 0, 2},
      {"12345678\u0301", "12345678\u0301", 0, 7},
      {"\u6f22\u5b57\x1b[1;2Hx", ".x\u5b57", 0, 2},
      {"\u6f22\u5b57\x1b[1;2H\x1b[P", ".\u5b57", 0, 1},
      {"\u6f22\u5b57\x1b[1;1H\x1b[1K", "..\u5b57", 0, 0},
      {"a\xffz\xe6\xbcz", "a\ufffdz\ufffdz", 0, 5},
      {"\u0301a", "a", 0, 1},
  });
  EXPECT_EQ(width(U'\u6f22'), 2);
  EXPECT_EQ(width(U'\u0301'), 0);
  EXPECT_EQ(width(U'\u00e9'), 1);
  EXPECT_EQ(width(U'\U0001f600'), 2);
  EXPECT_EQ(width(U'\U00020000'), 2);
  EXPECT_EQ(width(U'\U000e0100'), 0);
  EXPECT_EQ(width(U'\U0010fffd'), 1);
}

TEST(Terminal, a_wide_character_on_one_column_is_not_shown) {
  Terminal terminal(2, 1, 10);
  terminal.feed("\u6f22\u6f22a\u6f22");
  EXPECT_EQ(page_text(terminal.state().page()), "a");
}

TEST(Terminal, lines_and_characters_are_inserted_and_deleted) {
  expect_all({
      {"1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[2Lx", "1|x||2", 1, 1},
      {"1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[Mx", "1|x|4", 1, 1},
      {"abcdef\x1b[1;3H\x1b[2@", "ab..cdef", 0, 2},
      {"abcdef\x1b[1;3H\x1b[2P", "abef", 0, 2},
      {"abcdef\x1b[1;3H\x1b[2X", "ab..ef", 0, 2},
      {"abcdef\x1b[4h\x1b[1;3HXY", "abXYcdef", 0, 4},
      {"ab\x1b[3bc", "abbbbc", 0, 6},
      {"1\r\n2\r\n3\r\n4\x1b[2S", "3|4", 3, 1},
      {"1\r\n2\r\n3\r\n4\x1b[T", "|1|2|3", 3, 1},
      {"1\r\n2\r\n3\r\n4\x1b[2;3H\x1b[J", "1|2", 1, 2},
      {"1\r\n2\r\n3\r\n4\x1b[2;3H\x1b[1J", "||3|4", 1, 2},
      {"\x1b[65;2;2;3;4$x", "|.AAA|.AAA", 0, 0},
      {"\x1b#8\x1b[2;2;3;7$z", "EEEEEEEE|E......E|E......E|EEEEEEEE", 0, 0},
  });
}

TEST(Terminal, margins_hold_what_scrolls) {
  expect_all({
      {"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nx", "1|3|x|4", 2, 1},
      {"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bMx", "1|x|2|4", 1, 1},
      {"\x1b[2;3r\x1b[?6h\x1b[9;9Hx", "||.......x", 2, 7},
      {"\x1b#8\x1b[?69h\x1b[3;5s\x1b[1;3H\x1b[M", "EEEEEEEE|EEEEEEEE|EEEEEEEE|EE...EEE", 0, 2},
      {"\x1b[?69h\x1b[3;5s\x1b[1;3Habcd", "..abc|..d", 1, 3},
      {"\x1b[3;2r1\r\n2", "1|2", 1, 1},
  });
}

TEST(Terminal, the_cursor_is_saved_with_its_pen_and_line_drawing_is_translated) {
  expect_all({
      {"\x1b[2;3H\x1b"
       "7\x1b[Hx\x1b"
       "8y",
       "x|..y", 1, 3},
      {"\x1b(0lqk\x1b(Blqk", "\u250c\u2500\u2510lqk", 0, 6},
      {"\x1b)0\x0eq\x0fq", "\u2500q", 0, 2},
      {"\x1b*0\x1bNqq", "\u2500q", 0, 2},
  });
}

TEST(Terminal, tab_stops_are_set_and_cleared) {
  expect_all({
      {"\x1b[3g\x1b[1;4H\x1bH\r\tx", "...x", 0, 4},
      {"\x1b[1;7H\x1b[Zx", "x", 0, 1},
      {"\x1b[3g\tx", ".......x", 0, 7},
  });
}

TEST(Terminal, the_alternate_page_has_no_history_and_leaves_the_primary_alone) {
  Terminal terminal(2, 8, 10);
  terminal.feed("shell\x1b[?1049h1\r\n2\r\n3\r\n4");
  EXPECT_EQ(page_text(terminal.state().page()), "3|4");
  EXPECT_EQ(terminal.state().history.size(), 0U);
  terminal.feed("\x1b[?1049l!");
  EXPECT_EQ(page_text(terminal.state().page()), "shell!");
}

TEST(Terminal, lines_leave_for_the_history_over_the_top_only) {
  Terminal terminal(3, 8, 4);
  terminal.feed("1\r\n2\r\n3\r\n\x1b[31m4\x1b[m\r\n5\r\n6\r\n7\r\n8");
  EXPECT_EQ(terminal.state().history.size(), 4U);
  EXPECT_EQ(terminal.state().history.newest().bytes, "5");
  terminal.feed("\x1b[2;3r\x1b[3;1H\n\n\n");
  EXPECT_EQ(terminal.state().history.size(), 4U);
  terminal.feed("\x1b[3J");
  EXPECT_EQ(terminal.state().history.size(), 0U);
}

TEST(Terminal, one_kind_of_mouse_reports_is_on) {
  Terminal terminal(2, 8, 0);
  terminal.feed("\x1b[?1000;1002;1006h");
  EXPECT_FALSE(terminal.state().modes.is_on(find_mode(true, 1000)));
  EXPECT_TRUE(terminal.state().modes.is_on(find_mode(true, 1002)));
  terminal.feed("\x1b[?1000l");
  EXPECT_FALSE(terminal.state().modes.is_on(find_mode(true, 1002)));
}

TEST(Terminal, titles_are_kept_and_stacked) {
  Terminal terminal(2, 8, 0);
  terminal.feed("\x1b]0;one\a\x1b[22;0t\x1b]2;two\x1b\\");
  EXPECT_EQ(terminal.state().titles.window, "two");
  EXPECT_EQ(terminal.state().titles.icon, "one");
  terminal.feed("\x1b[23;0t");
  EXPECT_EQ(terminal.state().titles.window, "one");
}

TEST(Terminal, every_style_is_read_as_it_is_written) {
  std::mt19937 random(1);
  Style from;
  for (int round = 0; round < 2000; ++round) {
    const auto colour = [&]() -> Colour {
      const auto byte = [&] { return static_cast<std::uint8_t>(random()); };
      switch (random() % 3) {
        case 0:
          return {};
        case 1:
          return {Colour::Kind::indexed, byte()};
        default:
          return {Colour::Kind::rgb, byte(), byte(), byte()};
      }
    };
    Style to{colour(), colour(), colour(), static_cast<std::uint8_t>(random() & random()),
             static_cast<Underline>(random() % 6)};
    std::string bytes;
    append_rendition(bytes, from, to);
    Terminal terminal(1, 8, 0);
    std::string before;
    append_rendition(before, Style{}, from);
    terminal.feed(before + bytes);
    ASSERT_EQ(terminal.state().cursor.pen, to) << bytes;
    from = to;
  }
}

}  // namespace
}  // namespace nigh::terminal
