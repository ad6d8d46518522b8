// SPDX-License-Identifier: Apache-2.0
// Output that no terminal model has looked at yet. Where it is plain (plain_text.hpp), and so much
// of it that what came first must have scrolled away, that part is dropped unseen: the screen and
// the history are in the end exactly what they would have been.
//
// After more line ends than there are rows and lines of history, every row in sight was made by
// what followed the first of them; a CR there makes it independent of the column, and a known pen
// of the colours before. Rows are counted from below: line ends and, in printable ASCII, the wraps
// that its length makes certain.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "service/terminal/terminal.hpp"

namespace nigh::terminal {

class Backlog {
 public:
  // Keeps the bytes, and feeds to the terminal those that are more than may be kept.
  void add(std::string_view bytes, Terminal& terminal);
  // Feeds all of them to the terminal.
  void settle(Terminal& terminal);

 private:
  struct Block {
    std::string bytes;
    bool is_plain = false;  // and ends between sequences
    std::size_t rows = 0;   // that it goes down at least, if it is plain
  };

  void close_block(int columns);
  std::size_t limit(const Terminal& terminal) const;
  bool shrink_front(const Terminal& terminal);
  void feed_front(Terminal& terminal);

  std::string rest_;          // of dropped blocks: what must be seen before blocks_
  std::deque<Block> blocks_;  // closed ones
  std::string open_;          // the newest bytes, less than a block
  std::size_t bytes_ = 0;     // in blocks_
};

}  // namespace nigh::terminal
