// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/page.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace nigh::terminal {

bool flows_on(const Flow& upper, const Flow& lower) {
  if (!upper.is_wrapped) return false;
  return upper.lacks_one ? lower.begin == Flow::Begin::wide : lower.begin != Flow::Begin::erased;
}

Flow flow_of(std::span<const Cell> row, bool is_wrapped) {
  const std::size_t columns = row.size();
  Flow flow;
  if (!row[0].is_erased()) {
    const bool is_wide = columns > 1 && row[1].is_right_half();
    flow.begin = is_wide ? Flow::Begin::wide : Flow::Begin::narrow;
  }
  flow.lacks_one = row.back().is_erased();
  flow.is_wrapped =
      is_wrapped && (!flow.lacks_one || (columns > 1 && !row[columns - 2].is_erased()));
  return flow;
}

Page::Page(int rows, int columns)
    : columns_(columns),
      cells_(static_cast<std::size_t>(rows) * columns),
      wrapped_(rows),
      order_(rows) {
  std::iota(order_.begin(), order_.end(), std::uint16_t{0});
}

void Page::separate(int number, int from, int to) {
  if (from >= to) return;
  const auto cells = row(number);
  if (cells[from].is_right_half()) {
    cells[from - 1] = erased_cell(cells[from - 1].style);
    cells[from] = erased_cell(cells[from].style);
  }
  if (to < columns_ && cells[to].is_right_half()) {
    cells[to - 1] = erased_cell(cells[to - 1].style);
    cells[to] = erased_cell(cells[to].style);
  }
}

void Page::fill(const Area& area, const Cell& cell) {
  if (area.left >= area.right) return;
  for (int number = area.top; number < area.bottom; ++number) {
    separate(number, area.left, area.right);
    std::fill(begin(number) + area.left, begin(number) + area.right, cell);
    if (area.right == columns_ && cell.is_erased()) set_wrapped(number, false);
  }
}

void Page::scroll_lines(const Area& area, int count, const Cell& blank) {
  const auto first = order_.begin() + area.top;
  const auto last = order_.begin() + area.bottom;
  Area freed = area;
  if (count > 0) {
    std::rotate(first, first + count, last);
    freed.top = area.bottom - count;
  } else {
    std::rotate(first, last + count, last);
    freed.bottom = area.top - count;
  }
  for (int number = freed.top; number < freed.bottom; ++number) {
    std::fill_n(begin(number), columns_, blank);
    set_wrapped(number, false);
  }
}

void Page::scroll(const Area& area, int count, const Cell& blank) {
  const int height = area.bottom - area.top;
  count = std::clamp(count, -height, height);
  if (count == 0 || area.left >= area.right) return;
  if (area.left == 0 && area.right == columns_) return scroll_lines(area, count, blank);
  for (int number = area.top; number < area.bottom; ++number) {
    separate(number, area.left, area.right);
    if (area.right == columns_) set_wrapped(number, false);
  }
  const auto copy = [&](int to) {
    const int from = to + count;
    if (from >= area.top && from < area.bottom) {
      std::copy(begin(from) + area.left, begin(from) + area.right, begin(to) + area.left);
    } else {
      std::fill(begin(to) + area.left, begin(to) + area.right, blank);
    }
  };
  if (count > 0) {
    for (int to = area.top; to < area.bottom; ++to) copy(to);
  } else {
    for (int to = area.bottom - 1; to >= area.top; --to) copy(to);
  }
}

void Page::shift(const Area& area, int count, const Cell& blank) {
  const int width = area.right - area.left;
  count = std::clamp(count, -width, width);
  if (count == 0 || width <= 0) return;
  const int amount = std::abs(count);
  for (int number = area.top; number < area.bottom; ++number) {
    separate(number, area.left, area.right);
    if (area.right == columns_) set_wrapped(number, false);
    Cell* const first = begin(number) + area.left;
    Cell* const last = begin(number) + area.right;
    if (count > 0) {
      separate(number, area.left, area.left + amount);
      std::copy(first + amount, last, first);
      std::fill(last - amount, last, blank);
    } else {
      separate(number, area.right - amount, area.right);
      std::copy_backward(first, last - amount, last);
      std::fill(first, first + amount, blank);
    }
  }
}

void Page::set_size(int rows, int columns) {
  Page resized(rows, columns);
  const int common_rows = std::min(rows, this->rows());
  const int common_columns = std::min(columns, columns_);
  for (int number = 0; number < common_rows; ++number) {
    if (common_columns < columns_) separate(number, 0, common_columns);
    std::copy_n(begin(number), common_columns, resized.begin(number));
    if (columns == columns_) resized.set_wrapped(number, wrapped_[order_[number]]);
  }
  *this = std::move(resized);
}

void Page::set_rows(const std::vector<std::vector<Cell>>& cells, const std::vector<bool>& wrapped) {
  for (int number = 0; number < std::min(rows(), static_cast<int>(cells.size())); ++number) {
    const int count = std::min(columns_, static_cast<int>(cells[number].size()));
    std::copy_n(cells[number].begin(), count, begin(number));
    set_wrapped(number, wrapped[number]);
  }
}

bool Page::operator==(const Page& other) const {
  if (rows() != other.rows() || columns_ != other.columns_) return false;
  for (int number = 0; number < rows(); ++number) {
    if (!std::ranges::equal(row(number), other.row(number))) return false;
    if (flows_on(number) != other.flows_on(number)) return false;
  }
  return true;
}

}  // namespace nigh::terminal
