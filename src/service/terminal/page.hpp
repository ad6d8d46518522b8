// SPDX-License-Identifier: Apache-2.0
// The cells of a screen, and what moves them. Knows no cursor. Callers keep within rows() and
// columns(); a character of two columns that an operation would halve is erased.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "service/terminal/cell.hpp"

namespace nigh::terminal {

// Up to and without `bottom` and `right`.
struct Area {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;

  bool operator==(const Area&) const = default;
};

// How a row's text may go on in the row below it.
struct Flow {
  enum class Begin : std::uint8_t { erased, narrow, wide };

  bool is_wrapped = false;  // this row was full, so text went on below
  bool lacks_one = false;   // but for its last place, where only half a character had room
  Begin begin = Begin::erased;
};

Flow flow_of(std::span<const Cell> row, bool is_wrapped);
// Whether text printed up to the end of the upper row would go on in the lower one by itself.
bool flows_on(const Flow& upper, const Flow& lower);

class Page {
 public:
  Page(int rows, int columns);

  int rows() const { return static_cast<int>(order_.size()); }
  int columns() const { return columns_; }
  Area whole() const { return {0, 0, rows(), columns_}; }

  std::span<Cell> row(int number) { return {begin(number), begin(number) + columns_}; }
  std::span<const Cell> row(int number) const { return {begin(number), begin(number) + columns_}; }

  // Notes that text goes on in the next row because this one is full; erasing its end undoes it.
  void set_wrapped(int number, bool wrapped) { wrapped_[order_[number]] = wrapped; }
  Flow flow(int number) const { return flow_of(row(number), wrapped_[order_[number]]); }
  bool flows_on(int number) const {
    return number + 1 < rows() && terminal::flows_on(flow(number), flow(number + 1));
  }

  // Before cells [from, to) of the row are replaced: erases the outer halves of characters that
  // reach into them.
  void separate(int row, int from, int to);
  void fill(const Area& area, const Cell& cell);
  // Moves the area's content up (down if negative) and fills what becomes free.
  void scroll(const Area& area, int count, const Cell& blank);
  // The same to the left (to the right if negative).
  void shift(const Area& area, int count, const Cell& blank);

  // Cuts off or adds on the right and at the bottom; for pages whose programs paint them anew.
  void set_size(int rows, int columns);
  void set_rows(const std::vector<std::vector<Cell>>& cells, const std::vector<bool>& wrapped);

  bool operator==(const Page& other) const;

 private:
  Cell* begin(int number) {
    return cells_.data() + static_cast<std::size_t>(order_[number]) * columns_;
  }
  const Cell* begin(int number) const {
    return cells_.data() + static_cast<std::size_t>(order_[number]) * columns_;
  }
  void scroll_lines(const Area& area, int count, const Cell& blank);

  int columns_;
  std::vector<Cell> cells_;
  std::vector<bool> wrapped_;         // in the order of cells_
  std::vector<std::uint16_t> order_;  // the place in cells_ of each row: whole rows move by this
};

}  // namespace nigh::terminal
