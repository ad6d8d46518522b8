// SPDX-License-Identifier: Apache-2.0
// All that a terminal remembers. Values; terminal.hpp changes them, repaint.hpp reads them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/terminal/cell.hpp"
#include "service/terminal/history.hpp"
#include "service/terminal/modes.hpp"
#include "service/terminal/page.hpp"

namespace nigh::terminal {

// Which sets of characters G0 to G3 are, by the final bytes that designate them, and which is used.
struct Charsets {
  static constexpr char kAscii = 'B';
  static constexpr char kLineDrawing = '0';

  std::array<char, 4> designated{kAscii, kAscii, kAscii, kAscii};
  std::uint8_t used = 0;

  bool operator==(const Charsets&) const = default;
};

// Where and how the next character is printed; what DECSC saves.
struct Cursor {
  int row = 0;
  int column = 0;
  bool is_wrap_due = false;  // the last place was written, the next character begins a new row
  bool is_origin_mode = false;
  Style pen;
  Charsets charsets;

  bool operator==(const Cursor&) const = default;
};

struct Titles {
  std::optional<std::string> window;
  std::optional<std::string> icon;

  bool operator==(const Titles&) const = default;
};

// What the page that is shown has of its own: the primary one is 0, the alternate one 1.
struct PageState {
  std::optional<Cursor> saved;
  std::vector<int> keyboard;  // the stack of flags of kitty's keyboard protocol

  bool operator==(const PageState&) const = default;
};

struct State {
  State(int rows, int columns, std::size_t max_lines, std::size_t max_bytes)
      : primary(rows, columns), margins(primary.whole()), history(max_lines, max_bytes) {}

  Page primary;
  std::optional<Page> alternate;  // while it is shown
  Area margins;
  Cursor cursor;
  std::array<PageState, 2> pages;
  Modes modes;
  std::vector<bool> tab_stops;     // one a column
  bool has_own_tab_stops = false;  // they were ever changed
  Titles titles;
  std::vector<Titles> title_stack;
  std::optional<int> cursor_shape;       // of DECSCUSR
  std::optional<int> modify_other_keys;  // of XTMODKEYS; -1: back to the terminal's own
  bool has_keyboard_flags = false;       // the keyboard protocol was ever used
  History history;

  const Page& page() const { return alternate ? *alternate : primary; }
  Page& page() { return alternate ? *alternate : primary; }
  PageState& page_state() { return pages[alternate ? 1 : 0]; }
  const PageState& page_state() const { return pages[alternate ? 1 : 0]; }
};

constexpr bool is_standard_tab_stop(std::size_t column) { return column % 8 == 0; }

}  // namespace nigh::terminal
