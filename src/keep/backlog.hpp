// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace nigh::keep {

// What came from the server and no command has taken yet, all streams together. Each stream is
// bounded by a window of its own, so the window that they share is given back at once: a command
// that does not read holds up no other. Only when much has piled up is it held back, and memory
// bounded by it.
class Backlog {
 public:
  explicit Backlog(std::size_t limit) : limit_(limit) {}

  // Both return how many bytes of the common window to give back now.
  std::size_t arrived(std::size_t count) {
    waiting_ += count;
    if (waiting_ <= limit_) return count;
    owed_ += count;
    return 0;
  }
  std::size_t taken(std::size_t count) {
    waiting_ -= std::min(count, waiting_);
    auto back = std::min(count, owed_);
    owed_ -= back;
    return back;
  }
  std::size_t waiting() const { return waiting_; }

 private:
  std::size_t limit_;
  std::size_t waiting_ = 0;
  std::size_t owed_ = 0;
};

}  // namespace nigh::keep
