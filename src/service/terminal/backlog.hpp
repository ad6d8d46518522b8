// SPDX-License-Identifier: Apache-2.0
// Output that no terminal model has looked at yet. Where it is plain text, and so much of it that
// what came first must have scrolled away, that part is dropped unseen: the screen and the history
// are in the end exactly what they would have been.
//
// Plain text has no controls but CR, LF, TAB and BS. After more line ends than there are rows and
// lines of history, every row in sight was made by what followed the first of them; a CR there
// makes it independent of the column, too. Rows are counted from below: line ends and, in printable
// ASCII, the wraps that its length makes certain.
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
    bool is_plain = false;
    std::size_t rows = 0;  // that its text goes down at least, if it is plain
  };

  void close_block(int columns);
  std::size_t limit(const Terminal& terminal) const;
  bool shrink_front(const Terminal& terminal);
  void feed_front(Terminal& terminal);

  std::deque<Block> blocks_;  // closed ones
  std::string open_;          // the newest bytes, less than a block
  std::size_t bytes_ = 0;     // in blocks_
};

// For tests: how many rows the text goes down at least on a terminal of that width; only for text
// that is plain.
std::size_t rows_at_least(std::string_view text, int columns);
bool is_plain_text(std::string_view bytes);

}  // namespace nigh::terminal
