// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/backlog.hpp"

#include <gtest/gtest.h>

#include "service/terminal/plain_text.hpp"
#include "service/terminal/repaint.hpp"
#include "service/terminal/screen.hpp"
#include "service/terminal/state_for_test.hpp"

namespace nigh::terminal {
namespace {

// Fed in pieces as they come from a terminal, with the backlog and without.
void expect_same(std::string_view output, int rows, int columns, std::size_t history) {
  Terminal with(rows, columns, history);
  Terminal without(rows, columns, history);
  Backlog backlog;
  for (std::size_t at = 0; at < output.size(); at += 4095) {
    const auto piece = output.substr(at, 4095);
    backlog.add(piece, with);
    without.feed(piece);
  }
  backlog.settle(with);
  ASSERT_EQ(describe(with.state()), describe(without.state()));
  ASSERT_EQ(with.unfinished(), without.unfinished());
}

TEST(Backlog, plain_text_of_any_lengths_of_line_ends_as_if_it_had_been_read) {
  constexpr int kLengths[] = {0, 1, 3, 20, 60, 79, 80, 81, 160, 500, 5'000, 200'000};
  for (unsigned seed = 0; seed < 24; ++seed) {
    RandomOutput random(seed);
    const int length = kLengths[seed % 12];
    const int rows = 1 + random.number(30);
    const int columns = 1 + random.number(120);
    const auto history = static_cast<std::size_t>(random.number(300));
    SCOPED_TRACE(fmt::format("seed {} length {} {}x{} {}", seed, length, rows, columns, history));
    const std::string before = random.bytes(30);
    const std::string text = random.plain(400'000, std::max(length, 1));
    const std::string after = random.bytes(30);
    ASSERT_NO_FATAL_FAILURE(expect_same(before + text + after, rows, columns, history));
  }
}

TEST(Backlog, lines_of_ascii_ends_of_any_kind) {
  for (unsigned seed = 0; seed < 15; ++seed) {
    RandomOutput random(seed);
    constexpr std::string_view kEnds[] = {"\r\n", "\n", "\r", "\n\r"};
    std::string text;
    const int length = 1 + random.number(400);
    while (text.size() < 400'000) {
      text.append(static_cast<std::size_t>(random.number(length)),
                  static_cast<char>('a' + random.number(26)));
      text += kEnds[seed % 5 < 4 ? seed % 5 : static_cast<unsigned>(random.number(4))];
    }
    SCOPED_TRACE(seed);
    ASSERT_NO_FATAL_FAILURE(expect_same(text, 1 + random.number(30), 1 + random.number(100), 100));
  }
}

TEST(Backlog, one_line_without_end) {
  for (const int columns : {7, 80, 133}) {
    ASSERT_NO_FATAL_FAILURE(
        expect_same("x" + std::string(500'000, 'y') + "\r\nend", 24, columns, 50));
    ASSERT_NO_FATAL_FAILURE(expect_same(std::string(500'000, 'y'), 24, columns, 50));
  }
}

TEST(Backlog, modes_that_came_before_hold) {
  RandomOutput random(7);
  const std::string text = random.plain(400'000, 40);
  for (const std::string_view before :
       {"\x1b[?1049h", "\x1b[5;9r", "\x1b[?7l", "\x1b[4h", "\x1b[20h", "\x1b(0", "\x1b[44m",
        "\x1b[3g", "\x1b[?69h\x1b[3;20s", "\x1b]2;a title without end", "\x1b[3", "\x1b",
        "\xe6\xbc", "\x1bN"}) {
    SCOPED_TRACE(before);
    ASSERT_NO_FATAL_FAILURE(
        expect_same(text.substr(0, 70'000) + std::string(before) + text, 24, 80, 100));
  }
}

TEST(Backlog, rows_are_never_counted_too_many) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    RandomOutput random(seed);
    const int columns = 1 + random.number(40);
    const std::string text = random.plain(300, 1 + random.number(100));
    ASSERT_EQ(scan_plain(text), text.size());
    Terminal terminal(1, columns, 10'000);
    terminal.feed(text);
    EXPECT_LE(rows_at_least(text, columns), terminal.state().history.size());
  }
  EXPECT_EQ(rows_at_least("12345678\r\n123456789\r\n\r\n", 4), 6U);
}

TEST(Backlog, coloured_text_ends_as_if_it_had_been_read) {
  constexpr std::string_view kLines[] = {
      "\x1b[0m\x1b[01;34mfolder\x1b[0m  \x1b[01;32mprogram\x1b[0m  file\r\n",
      "\x1b[1mfile:1: \x1b[0m\x1b[0;1;31merror: \x1b[0m\x1b[1mmessage\x1b[0m\r\n",
      "\x1b[01;31m\x1b[Kmatch\x1b[m\x1b[K of grep\r\n",
      "\x1b[38;5;123mwithout\r\nan end\r\n",
      "\x1b[48;2;1;2;3mbackground\x1b[K\r\n",
      "\x1b[7m no line end \x1b[27m",
      "and now plain\r\n",
  };
  for (unsigned seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    RandomOutput random(seed);
    std::string text = random.bytes(20);
    while (text.size() < 400'000) {
      const auto only =
          seed < 7 && random.number(300) > 0 ? static_cast<int>(seed) : random.number(7);
      text += kLines[only];
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(text, 1 + random.number(30), 1 + random.number(100), 100));
  }
}

TEST(Backlog, what_is_plain) {
  constexpr std::string_view kPlain = "a\tb\r\n\b\u6f22\x7f\x1b[m\x1b[1;38:5:3m\x1b[2K.";
  EXPECT_EQ(scan_plain(kPlain), kPlain.size());
  for (const std::string_view cut : {"\x1b", "\x1b[", "\x1b[1;3"}) {
    EXPECT_EQ(scan_plain("abc" + std::string(cut)), 3U);
  }
  for (const char control : {'\0', '\a', '\x0e', '\x0f', '\v', '\f', '\x18'}) {
    EXPECT_EQ(scan_plain(std::string(200, 'a') + control), std::nullopt);
    EXPECT_EQ(scan_plain(std::string("\x1b[1") + control + "m"), std::nullopt);
  }
  for (const std::string_view other :
       {"\x1b[H", "\x1b[?1m", "\x1b[1 m", "\x1b]0;\a", "\x1b(0", "\x1b\x1b[m"}) {
    EXPECT_EQ(scan_plain(other), std::nullopt) << other;
  }
}

TEST(Backlog, where_plain_output_can_be_cut) {
  const auto cut_of = [](std::string_view text) {
    const auto cut = last_cut(text);
    return cut ? fmt::format("{}{}", cut->offset, cut->has_standard_pen ? " standard" : "")
               : "none";
  };
  EXPECT_EQ(cut_of("abc"), "none");
  EXPECT_EQ(cut_of("a\rb\rc"), "3");
  EXPECT_EQ(cut_of("\x1b[1ma\x1b[0m\x1b[K\rc"), "12 standard");
  EXPECT_EQ(cut_of("\x1b[1ma\rb"), "none");
  EXPECT_EQ(cut_of("a\r\x1b[1mb\rc"), "1");
  EXPECT_EQ(cut_of("\x1b[m\r\x1b[0;1mb\rc"), "3 standard");
  EXPECT_EQ(begin_of_last_run("a\nbc"), 2U);
  EXPECT_EQ(begin_of_last_run("a\n\x1b[31mbc"), 7U);
}

TEST(Screen, what_was_put_off_is_seen_in_a_repaint) {
  Screen screen(24, 80, 100);
  Terminal terminal(24, 80, 100);
  RandomOutput random(3);
  for (int round = 0; round < 50; ++round) {
    const std::string output = random.bytes(200) + random.plain(20'000, 60);
    screen.feed(output);
    terminal.feed(output);
    if (round % 10 == 0) {
      ASSERT_EQ(screen.repaint(100),
                repaint(terminal.state(), 100, PaintFrom::cursor) + terminal.unfinished());
    }
  }
  screen.resize(10, 40);
  terminal.resize(10, 40);
  EXPECT_EQ(screen.repaint(100),
            repaint(terminal.state(), 100, PaintFrom::cursor) + terminal.unfinished());
}

}  // namespace
}  // namespace nigh::terminal
