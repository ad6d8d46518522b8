// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "service/terminal/terminal.hpp"
#include "service/terminal/width.hpp"

namespace nigh::terminal {
namespace {

// DEC Special Graphics, from '_' on.
constexpr std::u32string_view kLineDrawing =
    U"\u00a0\u25c6\u2592\u2409\u240c\u240d\u240a\u00b0\u00b1\u2424\u240b\u2518\u2510\u250c\u2514"
    U"\u253c"
    U"\u23ba\u23bb\u2500\u23bc\u23bd\u251c\u2524\u2534\u252c\u2502\u2264\u2265\u03c0\u2260\u00a3"
    U"\u00b7";

bool is_printable_ascii(char byte) { return byte >= 0x20 && byte <= 0x7e; }

}  // namespace

Terminal::Terminal(int rows, int columns, std::size_t max_history_lines)
    : state_(rows, columns, max_history_lines, max_history_lines * 512) {
  for (int column = 0; column < columns; ++column) {
    state_.tab_stops.push_back(is_standard_tab_stop(static_cast<std::size_t>(column)));
  }
}

std::string Terminal::unfinished() const {
  std::string bytes;
  if (single_shift_ != 0) bytes = single_shift_ == 2 ? "\x1bN" : "\x1bO";
  bytes += decoder_.is_partial() ? std::string(decoder_.partial()) : parser_.unfinished();
  return bytes;
}

bool Terminal::scrolls_plainly() const {
  return parser_.is_at_rest() && !decoder_.is_partial() && single_shift_ == 0 &&
         state_.margins == state_.page().whole() && state_.modes.is_on(kAutowrap);
}

bool Terminal::is_plain_ascii() const {
  const Charsets& charsets = state_.cursor.charsets;
  return single_shift_ == 0 && charsets.designated[charsets.used] != Charsets::kLineDrawing &&
         !state_.modes.is_on(kInsert);
}

// A character that was cut off by something else than text is none.
void Terminal::interrupt_text() {
  if (decoder_.interrupt()) print(kReplacement);
}

void Terminal::on_text(std::string_view bytes) {
  const bool is_plain = is_plain_ascii();
  while (!bytes.empty()) {
    if (is_plain && !decoder_.is_partial()) {
      const auto end = std::find_if_not(bytes.begin(), bytes.end(), is_printable_ascii);
      const auto length = static_cast<std::size_t>(end - bytes.begin());
      print_ascii(bytes.substr(0, length));
      bytes.remove_prefix(length);
      if (bytes.empty()) return;
    }
    const auto done = decoder_.take(static_cast<unsigned char>(bytes.front()));
    bytes.remove_prefix(1);
    for (std::size_t at = 0; at < done.count; ++at) print(done.values[at]);
  }
}

// Where a row ends for the cursor: at the right margin, unless it stands behind it.
int Terminal::print_limit() const {
  return state_.cursor.column < state_.margins.right ? state_.margins.right
                                                     : state_.page().columns();
}

void Terminal::wrap() {
  Cursor& cursor = state_.cursor;
  Page& page = state_.page();
  const int row = cursor.row;
  const bool is_whole_row = print_limit() == page.columns() && state_.margins.left == 0;
  cursor.column = cursor.column < state_.margins.left ? 0 : state_.margins.left;
  cursor.is_wrap_due = false;
  const bool goes_on = row + 1 < page.rows() || row + 1 == state_.margins.bottom;
  page.set_wrapped(row, is_whole_row && goes_on);
  line_feed();
}

void Terminal::print_ascii(std::string_view run) {
  if (run.empty()) return;
  Cursor& cursor = state_.cursor;
  Page& page = state_.page();
  const bool wraps = state_.modes.is_on(kAutowrap);
  last_character_ = static_cast<unsigned char>(run.back());
  Cell cell;
  cell.style = cursor.pen;
  while (!run.empty()) {
    if (cursor.is_wrap_due) wrap();
    const int limit = print_limit();
    const int count =
        static_cast<int>(std::min(run.size(), static_cast<std::size_t>(limit - cursor.column)));
    page.separate(cursor.row, cursor.column, cursor.column + count);
    Cell* const cells = page.row(cursor.row).data() + cursor.column;
    for (int at = 0; at < count; ++at) {
      cell.text[0] = static_cast<unsigned char>(run[static_cast<std::size_t>(at)]);
      cells[at] = cell;
    }
    run.remove_prefix(static_cast<std::size_t>(count));
    cursor.column += count;
    if (cursor.column < limit) return;
    cursor.column = limit - 1;
    cursor.is_wrap_due = wraps;
    if (!wraps && run.size() > 1) run.remove_prefix(run.size() - 1);  // all in the last place
  }
}

char32_t Terminal::translate(char32_t character) {
  const Charsets& charsets = state_.cursor.charsets;
  const char set =
      charsets
          .designated[single_shift_ != 0 ? static_cast<std::size_t>(single_shift_) : charsets.used];
  single_shift_ = 0;
  if (set != Charsets::kLineDrawing || character < '_' || character > '~') return character;
  return kLineDrawing[character - '_'];
}

void Terminal::print(char32_t character) {
  if (character < 0x20 || (character >= 0x7f && character < 0xa0)) return;
  character = translate(character);
  const int columns = character < 0x80 ? 1 : width(character);
  if (columns == 0) return combine(character);
  last_character_ = character;
  place(character, columns);
}

void Terminal::place(char32_t character, int columns) {
  Cursor& cursor = state_.cursor;
  const bool wraps = state_.modes.is_on(kAutowrap);
  int limit = print_limit();
  const int first = cursor.column < state_.margins.left ? 0 : state_.margins.left;
  if (columns > limit - first) return;  // nowhere is there room for it
  if (cursor.is_wrap_due) wrap();
  if (cursor.column + columns > limit) {
    if (wraps) {
      wrap();
      limit = print_limit();
    } else {
      cursor.column = std::max(0, limit - columns);
    }
    if (cursor.column + columns > limit) return;
  }
  Page& page = state_.page();
  const Area here{cursor.row, cursor.column, cursor.row + 1, limit};
  if (state_.modes.is_on(kInsert)) page.shift(here, -columns, blank());
  page.separate(cursor.row, cursor.column, cursor.column + columns);
  Cell* const cells = page.row(cursor.row).data() + cursor.column;
  cells[0] = Cell{{character}, cursor.pen};
  if (columns == 2) cells[1] = Cell{{Cell::kRightHalf}, cursor.pen};
  cursor.column += columns;
  if (cursor.column >= limit) {
    cursor.column = limit - 1;
    cursor.is_wrap_due = wraps;
  }
}

// To the character before the cursor, wherever that came from; one that has no room is dropped.
void Terminal::combine(char32_t mark) {
  const Cursor& cursor = state_.cursor;
  int column = cursor.is_wrap_due ? cursor.column : cursor.column - 1;
  if (column < 0) return;
  const auto cells = state_.page().row(cursor.row);
  if (cells[column].is_right_half()) --column;
  Cell& cell = cells[column];
  if (cell.is_erased()) return;
  const auto free = std::ranges::find(cell.text, U'\0');
  if (free != cell.text.end()) *free = mark;
}

}  // namespace nigh::terminal
