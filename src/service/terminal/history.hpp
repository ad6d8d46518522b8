// SPDX-License-Identifier: Apache-2.0
// Lines that have scrolled off, as bytes; the oldest go when there are too many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "service/terminal/page.hpp"

namespace nigh::terminal {

struct HistoryLine {
  std::string_view bytes;  // line_codec.hpp
  Flow flow;
};

class History {
 public:
  History(std::size_t max_lines, std::size_t max_bytes)
      : max_lines_(max_lines), max_bytes_(max_bytes) {}

  void push(const HistoryLine& line);
  void pop_newest();
  void clear();

  // The lines so far were broken at another width than those that follow.
  void note_width_change() { foreign_ = lines_; }
  // How many of the oldest lines that is.
  std::size_t foreign() const { return foreign_; }

  std::size_t size() const { return lines_; }
  std::size_t max_lines() const { return max_lines_; }
  HistoryLine newest() const;

  // visit(const HistoryLine&) for the newest `count` lines, the oldest of them first.
  template <typename Visit>
  void for_newest(std::size_t count, Visit visit) const {
    std::size_t skip = lines_ - (count < lines_ ? count : lines_);
    for (const Block& block : blocks_) {
      const std::size_t here = block.ends.size() - block.first;
      for (std::size_t at = skip < here ? skip : here; at < here; ++at) {
        visit(block.line(block.first + at));
      }
      skip -= skip < here ? skip : here;
    }
  }

 private:
  // Where a line ends in its block's bytes, and its Flow.
  struct End {
    std::uint32_t offset : 28;
    std::uint32_t is_wrapped : 1;
    std::uint32_t lacks_one : 1;
    std::uint32_t begin : 2;
  };
  struct Block {
    std::string bytes;
    std::vector<End> ends;
    std::size_t first = 0;  // the lines before this one are dropped

    std::size_t begin_of(std::size_t at) const { return at == 0 ? 0 : ends[at - 1].offset; }
    HistoryLine line(std::size_t at) const;
  };

  void drop_oldest();

  std::size_t max_lines_;
  std::size_t max_bytes_;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  std::size_t foreign_ = 0;
  std::deque<Block> blocks_;
};

}  // namespace nigh::terminal
