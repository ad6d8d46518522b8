// SPDX-License-Identifier: Apache-2.0
// A terminal's state as text, to compare and to read, and bytes to try it with.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "service/terminal/line_codec.hpp"
#include "service/terminal/state.hpp"
#include "service/terminal/terminal.hpp"

namespace nigh::terminal {

// The characters of a row, erased ones as '.', without those at its end.
inline std::string row_text(const Page& page, int number) {
  std::string text;
  for (const Cell& cell : page.row(number)) {
    if (cell.is_erased()) text += '.';
    if (!cell.is_erased() && !cell.is_right_half()) append_characters(text, cell);
  }
  text.erase(text.find_last_not_of('.') + 1);
  return text;
}

// All rows, '|' between them, without empty ones at the end.
inline std::string page_text(const Page& page) {
  std::string text;
  for (int row = 0; row < page.rows(); ++row) text += (row > 0 ? "|" : "") + row_text(page, row);
  text.erase(text.find_last_not_of('|') + 1);
  return text;
}

inline std::string describe(const Page& page) {
  std::string text;
  for (int row = 0; row < page.rows(); ++row) {
    std::string line;
    append_line(line, page.row(row), false);
    text += fmt::format("{:3} {}{}\n", row, line, page.flows_on(row) ? " >" : "");
  }
  return text;
}

inline std::string describe(const Cursor& cursor) {
  std::string pen;
  append_rendition(pen, Style{}, cursor.pen);
  const auto& sets = cursor.charsets.designated;
  return fmt::format("{},{} wrap {} origin {} pen {} sets {} used {}", cursor.row, cursor.column,
                     cursor.is_wrap_due, cursor.is_origin_mode, pen,
                     std::string_view(sets.data(), sets.size()), cursor.charsets.used);
}

inline std::string describe(const Titles& titles) {
  return fmt::format("'{}' '{}'", titles.window.value_or("-"), titles.icon.value_or("-"));
}

// All that a repaint has to bring across. Lines of the history as bytes, with '>' where they go on.
inline std::string describe(const State& state) {
  std::string text;
  Flow before;
  state.history.for_newest(state.history.size(), [&](const HistoryLine& line) {
    if (flows_on(before, line.flow)) text.insert(text.size() - 1, " >");
    text += fmt::format("... {}\n", line.bytes);
    before = line.flow;
  });
  if (flows_on(before, state.primary.flow(0))) text.insert(text.size() - 1, " >");
  text += describe(state.primary);
  if (state.alternate) text += "alternate\n" + describe(*state.alternate);
  text += "cursor " + describe(state.cursor) + "\n";
  for (std::size_t page = 0; page <= (state.alternate ? 1U : 0U); ++page) {
    // None saved and the first one saved are restored alike.
    Cursor saved = state.pages[page].saved.value_or(Cursor{});
    saved.is_wrap_due = false;
    // As restoring would.
    if (saved.is_origin_mode) {
      saved.row = std::clamp(saved.row, state.margins.top, state.margins.bottom - 1);
      saved.column = std::clamp(saved.column, state.margins.left, state.margins.right - 1);
    }
    text += "saved " + describe(saved) + "\nkeyboard";
    for (const int flags : state.pages[page].keyboard) text += fmt::format(" {}", flags);
    text += "\n";
  }
  const Area& margins = state.margins;
  text += fmt::format("margins {} {} {} {}\nmodes", margins.top, margins.left, margins.bottom,
                      margins.right);
  for (std::size_t mode = 0; mode < kModes.size(); ++mode) {
    if (state.modes.is_on(mode)) text += fmt::format(" {}", kModes[mode].number);
  }
  text += "\ntabs";
  for (std::size_t column = 0; column < state.tab_stops.size(); ++column) {
    if (state.tab_stops[column]) text += fmt::format(" {}", column);
  }
  text += fmt::format("\nshape {} keys {}\ntitle {}\n", state.cursor_shape.value_or(0),
                      state.modify_other_keys.value_or(-1), describe(state.titles));
  for (const Titles& titles : state.title_stack) text += "pushed " + describe(titles) + "\n";
  return text;
}

// Bytes as programs send them and as they do not.
class RandomOutput {
 public:
  explicit RandomOutput(unsigned seed) : random_(seed) {}

  int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string bytes(int pieces) {
    std::string out;
    while (pieces-- > 0) out += piece();
    return out;
  }

  // With lines of about this length.
  std::string plain(std::size_t size, int length) {
    std::string out;
    while (out.size() < size) {
      for (int count = number(2 * length); count > 0; --count) out += plain_piece();
      out += number(20) == 0 ? "\n" : "\r\n";
    }
    return out;
  }

  std::string piece() {
    switch (number(12)) {
      case 0:
      case 1:
      case 2:
        return std::string(static_cast<std::size_t>(number(12)),
                           static_cast<char>('a' + number(26)));
      case 3:
        return wide(number(4));
      case 4:
        return "\r\n";
      case 5:
        return std::string(1, "\b\t\n\r\x0e\x0f\v"[number(7)]);
      case 6:
        return fmt::format("\x1b[{}m", rendition());
      case 7:
        return escape();
      case 8:
        return mode();
      default:
        return sequence();
    }
  }

 private:
  std::string plain_piece() {
    switch (number(40)) {
      case 0:
        return "\t";
      case 1:
        return "\b";
      case 2:
        return wide(1);
      case 3:
        return number(8) == 0 ? "\r" : " ";
      default:
        return std::string(1, static_cast<char>(' ' + number(95)));
    }
  }
  std::string wide(int count) {
    constexpr std::string_view kTexts[] = {"\u6f22",        "e\u0301", "\u00e9", "\U0001f600",
                                           "a\u0301\u0302", "\xff",    "\u0301", "\u200d"};
    std::string out;
    while (count-- > 0) out += kTexts[number(8)];
    return out;
  }
  std::string rendition() {
    constexpr std::string_view kParts[] = {
        "",         "1",          "2",           "3",      "4",  "4:3", "5",
        "7",        "8",          "9",           "53",     "0",  "22",  "24",
        "31",       "97",         "44",          "103",    "39", "49",  "38;5;123",
        "48;5;200", "38;2;1;2;3", "48:2::9:8:7", "58:5:3", "59", "21",  "27"};
    std::string out(kParts[number(28)]);
    if (number(3) == 0) out += ";" + std::string(kParts[number(28)]);
    return out;
  }
  std::string escape() {
    constexpr std::string_view kTexts[] = {
        "7",      "8",      "D",    "E",    "M",          "H",
        "(0",     "(B",     ")0",   "n",    "o",          "N",
        "=",      ">",      "#8",   "c",    "]2;title\a", "]0;both\x1b\\",
        "[22;0t", "[23;0t", "[2 q", "[>1u", "[<u",        "[=5;2u",
        "[>4;2m", "[3g",    "[g",   "[!p"};
    return "\x1b" + std::string(kTexts[number(28)]);
  }
  std::string mode() {
    constexpr std::string_view kModesTried[] = {"?1",    "?6",    "?7",    "?25", "?69",   "?1000",
                                                "?1003", "?1006", "?1049", "?47", "?1048", "?2004",
                                                "4",     "20",    "?1004", "?7"};
    return fmt::format("\x1b[{}{}", kModesTried[number(16)], number(2) == 0 ? 'h' : 'l');
  }
  std::string sequence() {
    constexpr std::string_view kFinals = "ABCDEFGHIJKLMPSTXZ@`abdefrsus";
    std::string out = "\x1b[";
    if (number(4) > 0) out += fmt::format("{}", number(14));
    if (number(3) > 0) out += fmt::format(";{}", number(30));
    if (number(30) == 0) return out + " @";
    if (number(30) == 0) return out + "'}";
    if (number(30) == 0)
      return fmt::format("\x1b[{};2;3;{};{}$x", 65 + number(20), number(9), number(9));
    return out + kFinals[static_cast<std::size_t>(number(static_cast<int>(kFinals.size())))];
  }

  std::mt19937 random_;
};

}  // namespace nigh::terminal
