// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "service/terminal/line_codec.hpp"
#include "service/terminal/terminal.hpp"

namespace nigh::terminal {
namespace {

constexpr std::size_t kMaxPulledRows = 2000;
constexpr std::size_t kMaxLine = 2000;  // the most columns that any size has

// Rows of a width, as text is printed into them.
struct Rows {
  std::vector<std::vector<Cell>> cells;
  std::vector<bool> wrapped;
};

// A place in text: which cell of it, and after it was laid out, where that is.
struct Mark {
  std::size_t offset = 0;
  int row = 0;
  int column = 0;
};

// Appends the text, broken into rows of `columns`. A mark behind its end is put as far behind the
// end of its last row. Erased cells at its end are not text, but colour what is left of that row.
void lay_out(Rows& rows, std::vector<Cell> text, int columns, Mark* mark) {
  const auto width = static_cast<std::size_t>(columns);
  std::optional<Cell> rest;
  std::size_t length = text.size();
  while (length > 0 && text[length - 1].is_erased()) rest = text[--length];
  const auto begin_row = [&] {
    rows.cells.emplace_back().reserve(width);
    rows.wrapped.push_back(false);
  };
  const auto place_mark = [&](std::size_t column) {
    mark->row = static_cast<int>(rows.cells.size()) - 1;
    mark->column = static_cast<int>(std::min(column, width - 1));
  };
  begin_row();
  for (std::size_t at = 0; at < length; ++at) {
    const bool is_wide = at + 1 < length && text[at + 1].is_right_half();
    if (is_wide && width < 2) text[at] = text[at + 1] = erased_cell(text[at].style);
    const std::size_t needed = is_wide && width >= 2 ? 2 : 1;
    if (rows.cells.back().size() + needed > width) {
      rows.wrapped.back() = true;
      rows.cells.back().resize(width);
      begin_row();
    }
    for (std::size_t part = 0; part < needed; ++part) {
      if (mark != nullptr && mark->offset == at + part) place_mark(rows.cells.back().size());
      rows.cells.back().push_back(text[at + part]);
    }
    at += needed - 1;
  }
  if (mark != nullptr && mark->offset >= length) {
    place_mark(rows.cells.back().size() + (mark->offset - length));
  }
  rows.cells.back().resize(width, rest.value_or(Cell{}));
}

bool is_blank(std::span<const Cell> cells) {
  return std::ranges::all_of(cells, [](const Cell& cell) { return cell == Cell{}; });
}

// The page's rows down to the last that is not empty, but at least `least`, laid out anew; `text`
// is what the first of them continues.
Rows lay_out_page(const Page& page, int least, int columns, std::vector<Cell> text,
                  Cursor& cursor) {
  int used = page.rows();
  while (used > least && is_blank(page.row(used - 1))) --used;
  Rows rows;
  Mark mark;
  bool is_marked = false;
  for (int row = 0; row < used; ++row) {
    if (row == cursor.row) {
      mark.offset = text.size() + static_cast<std::size_t>(cursor.column);
      is_marked = true;
    }
    const auto cells = page.row(row);
    const bool goes_on = row + 1 < used && page.flows_on(row);
    const std::size_t lacking = goes_on && page.flow(row).lacks_one ? 1 : 0;
    text.insert(text.end(), cells.begin(), cells.end() - static_cast<std::ptrdiff_t>(lacking));
    if (goes_on) continue;
    lay_out(rows, std::move(text), columns, is_marked ? &mark : nullptr);
    if (is_marked) {
      cursor.is_wrap_due = cursor.is_wrap_due && mark.column + 1 == columns;
      cursor.row = mark.row;
      cursor.column = mark.column;
    }
    is_marked = false;
    text.clear();
  }
  return rows;
}

// Takes the newest line off the history, whole as a program printed it.
std::vector<Cell> pull_line(History& history) {
  std::vector<std::vector<Cell>> parts;  // the last first
  Flow below;
  do {
    const HistoryLine line = history.newest();
    auto cells = decode_line(line.bytes, kMaxLine);
    while (line.flow.is_wrapped && !cells.empty() && cells.back().is_erased()) cells.pop_back();
    parts.push_back(std::move(cells));
    below = line.flow;
    history.pop_newest();
  } while (parts.size() < kMaxPulledRows && history.size() > 0 &&
           flows_on(history.newest().flow, below));
  std::vector<Cell> text;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    text.insert(text.end(), part->begin(), part->end());
  }
  return text;
}

// Takes lines off the history until they make `wanted` rows or more.
Rows pull(History& history, std::size_t wanted, int columns) {
  std::vector<Rows> pulled;  // the newest first
  std::size_t rows = 0;
  while (rows < wanted && history.size() > 0) {
    lay_out(pulled.emplace_back(), pull_line(history), columns, nullptr);
    rows += pulled.back().cells.size();
  }
  Rows all;
  for (auto part = pulled.rbegin(); part != pulled.rend(); ++part) {
    std::ranges::move(part->cells, std::back_inserter(all.cells));
    std::ranges::copy(part->wrapped, std::back_inserter(all.wrapped));
  }
  return all;
}

}  // namespace

void Terminal::resize(int rows, int columns) {
  const Page& before = state_.page();
  if (rows == before.rows() && columns == before.columns()) return;
  if (state_.alternate) {
    // The primary page's cursor is the one that was saved when it was left.
    Cursor cursor = state_.pages[0].saved.value_or(Cursor{});
    reflow(rows, columns, cursor);
    if (state_.pages[0].saved) state_.pages[0].saved = cursor;
    state_.alternate->set_size(rows, columns);
  } else {
    reflow(rows, columns, state_.cursor);
  }
  const auto keep_inside = [&](Cursor& cursor) {
    if (cursor.row >= rows || cursor.column >= columns) cursor.is_wrap_due = false;
    cursor.row = std::min(cursor.row, rows - 1);
    cursor.column = std::min(cursor.column, columns - 1);
    cursor.is_wrap_due = cursor.is_wrap_due && cursor.column + 1 == columns;
  };
  keep_inside(state_.cursor);
  for (PageState& page : state_.pages) {
    if (page.saved) keep_inside(*page.saved);
  }
  state_.margins = state_.page().whole();
  const std::size_t known = state_.tab_stops.size();
  state_.tab_stops.resize(static_cast<std::size_t>(columns));
  for (std::size_t column = known; column < state_.tab_stops.size(); ++column) {
    state_.tab_stops[column] = is_standard_tab_stop(column);
  }
}

void Terminal::reflow(int rows, int columns, Cursor& cursor) {
  const int rows_before = state_.primary.rows();
  cursor.row = std::min(cursor.row, rows_before - 1);
  History& history = state_.history;
  // A line that has left in part is broken anew as a whole.
  std::vector<Cell> begun;
  if (history.size() > history.foreign() &&
      flows_on(history.newest().flow, state_.primary.flow(0))) {
    begun = pull_line(history);
  }
  Rows all = lay_out_page(state_.primary, cursor.row + 1, columns, std::move(begun), cursor);
  const int missing = std::min(rows - static_cast<int>(all.cells.size()), rows - rows_before);
  if (missing > 0 && history.size() > 0) {
    Rows older = pull(history, static_cast<std::size_t>(missing), columns);
    cursor.row += static_cast<int>(older.cells.size());
    all.cells.insert(all.cells.begin(), std::move_iterator(older.cells.begin()),
                     std::move_iterator(older.cells.end()));
    all.wrapped.insert(all.wrapped.begin(), older.wrapped.begin(), older.wrapped.end());
  }
  // What is too much goes to the history from the top, but never the cursor's row; the rest below
  // it is lost.
  const int surplus = std::max(0, static_cast<int>(all.cells.size()) - rows);
  const int leaving = std::min(surplus, cursor.row);
  if (columns != state_.primary.columns()) history.note_width_change();
  for (int row = 0; row < leaving; ++row) {
    const auto at = static_cast<std::size_t>(row);
    keep_in_history(all.cells[at], flow_of(all.cells[at], all.wrapped[at]));
  }
  cursor.row -= leaving;
  all.cells.erase(all.cells.begin(), all.cells.begin() + leaving);
  all.wrapped.erase(all.wrapped.begin(), all.wrapped.begin() + leaving);
  state_.primary = Page(rows, columns);
  state_.primary.set_rows(all.cells, all.wrapped);
}

}  // namespace nigh::terminal
