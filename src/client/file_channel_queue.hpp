// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace nigh::client {

// A queue of bytes between one thread that pushes and one that pulls: what bounds it is theirs to
// say. Bytes are copied in and out without holding the lock, and into memory that was used just
// before.
class BlockQueue {
 public:
  void push(std::string_view bytes);
  // As many as there are, or fit.
  std::size_t pull(std::span<char> into);
  std::size_t size() const;
  // Of the thread that pulls: forgets what is there, and says how much it was.
  std::size_t clear();

 private:
  static constexpr std::size_t kBlock = 256 * 1024;
  struct Block {
    std::size_t begin = 0;  // of what is to be pulled
    std::size_t end = 0;
    std::array<char, kBlock> bytes;
  };

  std::span<char> room(std::size_t wanted);
  void pushed(std::size_t count);
  std::span<const char> front();
  void pulled(std::size_t count);

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Block>> blocks_;  // full, but for the last
  std::unique_ptr<Block> spare_;
  std::size_t size_ = 0;
  bool pushing_ = false;  // the last block is being written to
};

}  // namespace nigh::client
