// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "service/terminal/style.hpp"
#include "service/terminal/terminal.hpp"

namespace nigh::terminal {
namespace {

constexpr int key(char final) { return Sequence::key(0, 0, final); }
constexpr int key(char intermediate, char final) { return Sequence::key(0, intermediate, final); }

}  // namespace

void Terminal::on_sequence(const Sequence& sequence) {
  interrupt_text();
  if (sequence.key() == key('m')) return apply_rendition(sequence, state_.cursor.pen);
  const char32_t before = last_character_;
  last_character_ = 0;
  if (sequence.key() == key('b')) {
    // As long as a row at most: what is asked for beyond that is not meant.
    const int count = before == 0 ? 0 : std::min(sequence.amount(), state_.page().columns());
    for (int printed = 0; printed < count; ++printed) print(before);
    return;
  }
  if (on_cursor_sequence(sequence) || on_margin_sequence(sequence)) return;
  if (on_edit_sequence(sequence) || on_area_sequence(sequence)) return;
  on_mode_sequence(sequence);
}

bool Terminal::on_cursor_sequence(const Sequence& sequence) {
  const int amount = sequence.amount();
  switch (sequence.key()) {
    case key('A'):
      move_up(amount);
      break;
    case key('B'):
    case key('e'):
      move_down(amount);
      break;
    case key('C'):
    case key('a'):
      move_right(amount);
      break;
    case key('D'):
      move_left(amount);
      break;
    case key('E'):
      move_down(amount);
      carriage_return();
      break;
    case key('F'):
      move_up(amount);
      carriage_return();
      break;
    case key('G'):
    case key('`'):
      move_to_column(amount - 1);
      break;
    case key('d'):
      move_to_row(amount - 1);
      break;
    case key('H'):
    case key('f'):
      move_to_row(amount - 1);
      move_to_column(sequence.amount(1) - 1);
      break;
    case key('I'):
      tab(amount);
      break;
    case key('Z'):
      back_tab(amount);
      break;
    default:
      return false;
  }
  return true;
}

bool Terminal::on_margin_sequence(const Sequence& sequence) {
  const int amount = sequence.amount();
  switch (sequence.key()) {
    case key('r'):
      set_margins(amount, sequence.value(1, 0));
      break;
    case key('s'):
      if (state_.modes.is_on(kSideMargins)) {
        set_side_margins(amount, sequence.value(1, 0));
      } else {
        save_cursor();
      }
      break;
    case key('u'):
      restore_cursor();
      break;
    case key(' ', 'q'):
      state_.cursor_shape = std::clamp(sequence.value(0, 0), 0, 6);
      break;
    default:
      return false;
  }
  return true;
}

bool Terminal::on_edit_sequence(const Sequence& sequence) {
  const Cursor& cursor = state_.cursor;
  Page& page = state_.page();
  const int amount = sequence.amount();
  const Area to_limit{cursor.row, cursor.column, cursor.row + 1, print_limit()};
  switch (sequence.key()) {
    case key('J'):
    case Sequence::key('?', 0, 'J'):
      erase_display(sequence.value(0, 0));
      break;
    case key('K'):
    case Sequence::key('?', 0, 'K'):
      erase_line(sequence.value(0, 0));
      break;
    case key('L'):
      insert_or_delete_lines(-amount);
      break;
    case key('M'):
      insert_or_delete_lines(amount);
      break;
    case key('@'):
      page.shift(to_limit, -amount, blank());
      break;
    case key('P'):
      page.shift(to_limit, amount, blank());
      break;
    case key('X'): {
      const int end = std::min(page.columns(), cursor.column + amount);
      page.fill({cursor.row, cursor.column, cursor.row + 1, end}, blank());
      break;
    }
    case key('S'):
      scroll(amount);
      break;
    case key('T'):
      if (sequence.count <= 1) scroll(-amount);  // with more it tracks the mouse
      break;
    case key('^'):
      scroll(-amount);
      break;
    default:
      return false;
  }
  state_.cursor.is_wrap_due = false;
  return true;
}

bool Terminal::on_area_sequence(const Sequence& sequence) {
  Page& page = state_.page();
  const int amount = sequence.amount();
  switch (sequence.key()) {
    case key(' ', '@'):
      page.shift(state_.margins, amount, blank());
      break;
    case key(' ', 'A'):
      page.shift(state_.margins, -amount, blank());
      break;
    case key('\'', '}'):
      insert_or_delete_columns(-amount);
      break;
    case key('\'', '~'):
      insert_or_delete_columns(amount);
      break;
    case key('$', 'x'): {
      const int character = sequence.value(0, 0);
      if ((character < 0x20 || character > 0x7e) && (character < 0xa0 || character > 0xff)) break;
      fill_rectangle(sequence, 1, Cell{{static_cast<char32_t>(character)}, state_.cursor.pen});
      break;
    }
    case key('$', 'z'):
    case key('$', '{'):
      fill_rectangle(sequence, 0, blank());
      break;
    default:
      return false;
  }
  state_.cursor.is_wrap_due = false;
  return true;
}

void Terminal::erase_display(int what) {
  const Cursor& cursor = state_.cursor;
  Page& page = state_.page();
  switch (what) {
    case 0:
      erase_line(0);
      page.fill({cursor.row + 1, 0, page.rows(), page.columns()}, blank());
      break;
    case 1:
      page.fill({0, 0, cursor.row, page.columns()}, blank());
      erase_line(1);
      break;
    case 2:
      page.fill(page.whole(), blank());
      break;
    case 3:
      state_.history.clear();
      break;
    default:
      break;
  }
}

void Terminal::erase_line(int what) {
  const Cursor& cursor = state_.cursor;
  Page& page = state_.page();
  Area area{cursor.row, 0, cursor.row + 1, page.columns()};
  if (what == 0) area.left = cursor.column;
  if (what == 1) area.right = cursor.column + 1;
  if (what >= 0 && what <= 2) page.fill(area, blank());
}

void Terminal::fill_rectangle(const Sequence& sequence, std::size_t first, const Cell& cell) {
  Page& page = state_.page();
  const bool from_origin = state_.cursor.is_origin_mode;
  const Area within = from_origin ? state_.margins : page.whole();
  const auto end = [&](std::size_t index, int begin, int limit) {
    const int given = sequence.value(first + index, 0);
    return given == 0 ? limit : std::min(limit, begin + given);
  };
  const Area area{within.top + sequence.amount(first) - 1,
                  within.left + sequence.amount(first + 1) - 1, end(2, within.top, within.bottom),
                  end(3, within.left, within.right)};
  if (area.top < area.bottom && area.left < area.right) page.fill(area, cell);
}

void Terminal::insert_or_delete_lines(int count) {
  Cursor& cursor = state_.cursor;
  Area area = state_.margins;
  if (cursor.row < area.top || cursor.row >= area.bottom || !is_within_margins()) return;
  area.top = cursor.row;
  state_.page().scroll(area, count, blank());
  cursor.column = area.left;
}

void Terminal::insert_or_delete_columns(int count) {
  const Cursor& cursor = state_.cursor;
  Area area = state_.margins;
  if (cursor.row < area.top || cursor.row >= area.bottom || !is_within_margins()) return;
  area.left = cursor.column;
  state_.page().shift(area, count, blank());
}

void Terminal::set_margins(int top, int bottom) {
  const int rows = state_.page().rows();
  if (bottom == 0 || bottom > rows) bottom = rows;
  if (top >= bottom && rows > 1) return;
  state_.margins.top = std::min(top - 1, rows - 1);
  state_.margins.bottom = bottom;
  go_home();
}

void Terminal::set_side_margins(int left, int right) {
  const int columns = state_.page().columns();
  if (right == 0 || right > columns) right = columns;
  if (left >= right && columns > 1) return;
  state_.margins.left = std::min(left - 1, columns - 1);
  state_.margins.right = right;
  go_home();
}

}  // namespace nigh::terminal
