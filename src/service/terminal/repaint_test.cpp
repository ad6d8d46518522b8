// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/repaint.hpp"

#include <gtest/gtest.h>

#include "service/terminal/state_for_test.hpp"

namespace nigh::terminal {
namespace {

constexpr std::size_t kHistory = 50;

// Sends what repaints `shown` to a terminal that has shown `before`.
std::string repainted(const Terminal& shown, std::string_view before, PaintFrom from) {
  const Page& page = shown.state().page();
  Terminal other(page.rows(), page.columns(), kHistory);
  other.feed(before);
  other.feed(repaint(shown.state(), kHistory, from) + shown.unfinished());
  return describe(other.state());
}

// A terminal that is new, and one that missed a part and repaints over what it shows.
void expect_repaints(const Terminal& shown, std::string_view input) {
  const std::string wanted = describe(shown.state());
  ASSERT_EQ(repainted(shown, "", PaintFrom::cursor), wanted) << "input: " << input;
  // All but the history and the titles, which are not for repainting to bring back.
  const auto screen_of = [](const std::string& text) {
    const auto screen = text.starts_with("  0 ") ? 0 : text.find("\n  0 ") + 1;
    return text.substr(screen, text.find("\ntitle") - screen);
  };
  const std::string missed(input.substr(0, input.size() / 2));
  Terminal other(shown.state().page().rows(), shown.state().page().columns(), kHistory);
  other.feed(missed);
  other.feed(repaint(shown.state(), 0, PaintFrom::top_left) + shown.unfinished());
  ASSERT_EQ(screen_of(describe(other.state())), screen_of(wanted)) << "input: " << input;
}

void expect_repaints(std::string_view input, int rows = 6, int columns = 20) {
  Terminal shown(rows, columns, kHistory);
  shown.feed(input);
  expect_repaints(shown, input);
}

TEST(Repaint, a_shell_with_coloured_scrollback) {
  std::string input;
  for (int line = 0; line < 30; ++line) {
    input += fmt::format("\x1b[01;32muser@host\x1b[00m:\x1b[01;34m~\x1b[00m$ echo {}\r\n{}\r\n",
                         line, line);
  }
  expect_repaints(input + "\x1b]0;user@host: ~\a\x1b[?2004h$ ");
}

TEST(Repaint, an_editor_leaves_the_shell_behind_it_as_it_was) {
  const std::string input =
      "$ ls\r\nfile\r\n$ vim file\r\n"
      "\x1b[?1049h\x1b[22;0;0t\x1b[>4;2m\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[1;6r\x1b[?12h\x1b[?"
      "12l"
      "\x1b[27m\x1b[23m\x1b[29m\x1b[m\x1b[H\x1b[2J\x1b[?25l\x1b[6;1H\"file\" 2L\x1b[1;1H"
      "\x1b[38;5;130m  1 \x1b[mone\r\n\x1b[38;5;130m  2 \x1b[mtwo\r\n\x1b[94m~\x1b[4;1H~\x1b[m"
      "\x1b[?1002h\x1b[?1006h\x1b[2 q\x1b[1;5H\x1b[?25h";
  expect_repaints(input);
  Terminal other(6, 20, kHistory);
  Terminal shown(6, 20, kHistory);
  shown.feed(input);
  other.feed(repaint(shown.state(), kHistory, PaintFrom::cursor));
  other.feed("\x1b[?1049l$ ");
  EXPECT_EQ(page_text(other.state().primary), "$ ls|file|$ vim file|$ ");
}

TEST(Repaint, a_pager_with_margins_and_origin_mode) {
  expect_repaints("\x1b[2;5r\x1b[?6h\x1b[3;4Hin\x1b[7mside");
  expect_repaints("\x1b[?69h\x1b[4;12s\x1b[2;5r\x1b[?6h\x1b[2;9Hwrap\x1b[7mped");
}

TEST(Repaint, what_a_wrap_is_due_after) {
  expect_repaints("12345678901234567890");
  expect_repaints("123456789012345678\u6f22");
  expect_repaints("1234567890123456789e\u0301\x1b[1m");
}

TEST(Repaint, lines_that_a_wrap_broke_stay_one_line) {
  Terminal shown(3, 10, kHistory);
  shown.feed(
      "one two three four five\r\n123456789\u6f22\u6f22\r\n\x1b[44mblue and still going on\x1b[m "
      "end");
  expect_repaints(shown, "");
  std::string bytes = repaint(shown.state(), kHistory, PaintFrom::cursor);
  EXPECT_NE(bytes.find("one two three four five"), std::string::npos) << bytes;
  EXPECT_NE(bytes.find("123456789\u6f22\u6f22"), std::string::npos) << bytes;
}

TEST(Repaint, erased_cells_in_colour) {
  expect_repaints(
      "\x1b[44mab\x1b[K\r\ncd\x1b[5;5H\x1b[1J\x1b[41m\x1b[3;3H\x1b[4X\x1b[m\x1b[3;15Hx");
}

TEST(Repaint, line_drawing_and_the_sets_that_are_chosen) {
  expect_repaints("\x1b(0lqqk\x1b(B\r\n\x1b)0\x0eqq");
}

TEST(Repaint, an_escape_sequence_that_has_only_begun_is_finished_later) {
  for (const std::string_view sequence : {"\x1b[38;5;123m", "\x1b]2;a title\x1b\\", "\x1b[?1049h",
                                          "\x1b(0", "\u6f22", "\x1bPdata\x1b\\"}) {
    for (std::size_t cut = 1; cut < sequence.size(); ++cut) {
      Terminal whole(4, 10, kHistory);
      whole.feed("before");
      whole.feed(sequence.substr(0, cut));
      Terminal other(4, 10, kHistory);
      other.feed(repaint(whole.state(), kHistory, PaintFrom::cursor) + whole.unfinished());
      for (Terminal* terminal : {&whole, &other}) {
        terminal->feed(sequence.substr(cut));
        terminal->feed("after");
      }
      EXPECT_EQ(describe(whole.state()), describe(other.state())) << sequence << " at " << cut;
    }
  }
}

TEST(Repaint, a_string_too_long_to_keep_has_no_effect_on_either_side) {
  const std::string begin = "x\x1b]2;" + std::string(10'000, 'a');
  Terminal whole(4, 10, kHistory);
  whole.feed(begin);
  Terminal other(4, 10, kHistory);
  other.feed(repaint(whole.state(), kHistory, PaintFrom::cursor) + whole.unfinished());
  for (Terminal* terminal : {&whole, &other}) terminal->feed("bcd\aafter");
  EXPECT_EQ(describe(whole.state()), describe(other.state()));
  EXPECT_EQ(page_text(whole.state().primary), "xafter");
}

TEST(Repaint, fewer_lines_of_scrollback_are_the_newest_ones) {
  Terminal shown(2, 20, kHistory);
  for (int line = 0; line < 20; ++line) shown.feed(fmt::format("line {}\r\n", line));
  Terminal other(2, 20, kHistory);
  other.feed(repaint(shown.state(), 3, PaintFrom::cursor));
  EXPECT_EQ(other.state().history.size(), 3U);
  EXPECT_EQ(other.state().history.newest().bytes, "line 18");
}

TEST(Repaint, what_stood_on_the_terminal_scrolls_away) {
  Terminal shown(3, 20, kHistory);
  shown.feed("shown");
  Terminal other(3, 20, kHistory);
  other.feed("local 1\r\nlocal 2\r\n");
  other.feed(repaint(shown.state(), kHistory, PaintFrom::cursor));
  EXPECT_EQ(page_text(other.state().primary), "shown");
  EXPECT_EQ(other.state().history.size(), 2U);
}

TEST(Repaint, whatever_programs_send) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    RandomOutput random(seed);
    const int rows = 1 + random.number(7);
    const int columns = 1 + random.number(24);
    SCOPED_TRACE(fmt::format("seed {} size {}x{}", seed, rows, columns));
    ASSERT_NO_FATAL_FAILURE(expect_repaints(random.bytes(5 + random.number(60)), rows, columns));
  }
}

}  // namespace
}  // namespace nigh::terminal
