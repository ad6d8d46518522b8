// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "service/terminal/line_codec.hpp"
#include "service/terminal/terminal.hpp"

namespace nigh::terminal {

void Terminal::on_control(char control) {
  interrupt_text();
  last_character_ = 0;
  Charsets& charsets = state_.cursor.charsets;
  switch (control) {
    case '\b':
      move_left(1);
      break;
    case '\t':
      tab(1);
      break;
    case '\n':
    case '\v':
    case '\f':
      if (state_.modes.is_on(kNewLine)) carriage_return();
      line_feed();
      break;
    case '\r':
      carriage_return();
      break;
    case '\x0e':
      charsets.used = 1;
      break;
    case '\x0f':
      charsets.used = 0;
      break;
    default:
      break;
  }
}

bool Terminal::is_within_margins() const {
  const Cursor& cursor = state_.cursor;
  return cursor.column >= state_.margins.left && cursor.column < state_.margins.right;
}

void Terminal::keep_in_history(std::span<const Cell> cells, const Flow& flow) {
  line_.clear();
  const History& history = state_.history;
  append_line(line_, cells, history.size() > 0 && flows_on(history.newest().flow, flow));
  state_.history.push({line_, flow});
}

void Terminal::scroll(int count) {
  const Area& margins = state_.margins;
  Page& page = state_.page();
  const bool leaves_screen =
      !state_.alternate && margins.top == 0 && margins.left == 0 && margins.right == page.columns();
  if (leaves_screen && state_.history.max_lines() > 0) {
    for (int row = 0; row < std::min(count, margins.bottom); ++row) {
      keep_in_history(page.row(row), page.flow(row));
    }
  }
  page.scroll(margins, count, blank());
}

void Terminal::line_feed() {
  Cursor& cursor = state_.cursor;
  cursor.is_wrap_due = false;
  if (cursor.row + 1 == state_.margins.bottom) {
    if (is_within_margins()) scroll(1);
  } else if (cursor.row + 1 < state_.page().rows()) {
    ++cursor.row;
  }
}

void Terminal::reverse_line_feed() {
  Cursor& cursor = state_.cursor;
  cursor.is_wrap_due = false;
  if (cursor.row == state_.margins.top) {
    if (is_within_margins()) scroll(-1);
  } else if (cursor.row > 0) {
    --cursor.row;
  }
}

void Terminal::carriage_return() {
  Cursor& cursor = state_.cursor;
  cursor.is_wrap_due = false;
  const bool is_behind = cursor.is_origin_mode || cursor.column >= state_.margins.left;
  cursor.column = is_behind ? state_.margins.left : 0;
}

void Terminal::tab(int count) {
  Cursor& cursor = state_.cursor;
  const int last = print_limit() - 1;
  for (; count > 0 && cursor.column < last; --count) {
    do ++cursor.column;
    while (cursor.column < last && !state_.tab_stops[static_cast<std::size_t>(cursor.column)]);
    cursor.is_wrap_due = false;
  }
}

void Terminal::back_tab(int count) {
  Cursor& cursor = state_.cursor;
  cursor.is_wrap_due = false;
  for (; count > 0 && cursor.column > 0; --count) {
    do --cursor.column;
    while (cursor.column > 0 && !state_.tab_stops[static_cast<std::size_t>(cursor.column)]);
  }
}

void Terminal::move_up(int count) {
  Cursor& cursor = state_.cursor;
  const int first = cursor.row >= state_.margins.top ? state_.margins.top : 0;
  cursor.row = std::max(first, cursor.row - count);
  cursor.is_wrap_due = false;
}

void Terminal::move_down(int count) {
  Cursor& cursor = state_.cursor;
  const int end = cursor.row < state_.margins.bottom ? state_.margins.bottom : state_.page().rows();
  cursor.row = std::min(end - 1, cursor.row + count);
  cursor.is_wrap_due = false;
}

void Terminal::move_right(int count) {
  Cursor& cursor = state_.cursor;
  cursor.column = std::min(print_limit() - 1, cursor.column + count);
  cursor.is_wrap_due = false;
}

void Terminal::move_left(int count) {
  Cursor& cursor = state_.cursor;
  const int first = cursor.column >= state_.margins.left ? state_.margins.left : 0;
  cursor.column = std::max(first, cursor.column - count);
  cursor.is_wrap_due = false;
}

void Terminal::move_to_row(int row) {
  Cursor& cursor = state_.cursor;
  const int first = cursor.is_origin_mode ? state_.margins.top : 0;
  const int end = cursor.is_origin_mode ? state_.margins.bottom : state_.page().rows();
  cursor.row = std::clamp(first + row, first, end - 1);
  cursor.is_wrap_due = false;
}

void Terminal::move_to_column(int column) {
  Cursor& cursor = state_.cursor;
  const int first = cursor.is_origin_mode ? state_.margins.left : 0;
  const int end = cursor.is_origin_mode ? state_.margins.right : state_.page().columns();
  cursor.column = std::clamp(first + column, first, end - 1);
  cursor.is_wrap_due = false;
}

void Terminal::go_home() {
  move_to_row(0);
  move_to_column(0);
}

}  // namespace nigh::terminal
