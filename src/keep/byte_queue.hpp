// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>

namespace nigh::keep {

// Bytes on their way from one connection to another. An empty one holds no memory.
class ByteQueue {
 public:
  void push(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
      if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
        // What comes alone needs no more than itself.
        auto room = blocks_.empty() ? bytes.size() : std::max(bytes.size(), kBlock);
        blocks_.emplace_back().reserve(std::min(room, kBlock));
      }
      auto& block = blocks_.back();
      auto part = bytes.substr(0, block.capacity() - block.size());
      block += part;
      bytes.remove_prefix(part.size());
    }
  }

  // As many as there are and fit.
  std::size_t pop(std::span<char> into) {
    std::size_t done = 0;
    while (done < into.size() && !blocks_.empty()) {
      auto& block = blocks_.front();
      auto part = std::min(into.size() - done, block.size() - begin_);
      std::memcpy(into.data() + done, block.data() + begin_, part);
      done += part;
      begin_ += part;
      if (begin_ < block.size()) break;
      blocks_.pop_front();
      begin_ = 0;
    }
    size_ -= done;
    return done;
  }

  std::size_t clear() {
    auto had = size_;
    *this = ByteQueue();
    return had;
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t kBlock = 128 * 1024;
  std::deque<std::string> blocks_;
  std::size_t begin_ = 0;  // of what is left of the first
  std::size_t size_ = 0;
};

}  // namespace nigh::keep
