// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace nigh::session {

// The bytes of one stream that somebody may still ask for, by their offset since its start: what
// was sent and not acknowledged, or what has come and was not taken yet. Memory follows the
// content, in blocks; bytes that go are overwritten, because people type and print secrets.
//
// Never drops anything by itself: whoever owns it decides what may go when it is full.
class Replay {
 public:
  static constexpr std::size_t kBlock = 64 * 1024;

  explicit Replay(std::size_t capacity) : capacity_(capacity) {}
  Replay(Replay&& other) noexcept;
  Replay& operator=(Replay&&) = delete;
  ~Replay();

  std::uint64_t begin() const { return begin_; }  // offset of the oldest byte that is here
  std::uint64_t end() const { return end_; }      // of the next that comes
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
  std::size_t capacity() const { return capacity_; }
  std::size_t free() const { return capacity_ - size(); }

  // Where the next bytes may be written, kBlock at most; empty when it is full. Good until the next
  // call of anything that is not const; commit() says how many came.
  std::span<char> room();
  void commit(std::size_t count);
  // As many of `bytes` as there is room for; says how many.
  std::size_t append(std::string_view bytes);

  // The bytes from `offset` on, begin() <= offset <= end(), as far as they lie together: empty at
  // the end only. Good until they are released.
  std::string_view at(std::uint64_t offset) const;
  // What lies before `offset`, end() at most, goes. An offset before begin() does nothing.
  void release(std::uint64_t offset);

  // Gives back what is kept for the next burst.
  void settle();

  // Where the last `lines` lines of what is here begin; a last line without its end counts as one.
  std::uint64_t tail(std::uint64_t lines) const;

 private:
  using Block = std::unique_ptr<char[]>;

  // Blocks that are used again need not be overwritten before, nor asked of the system.
  static constexpr std::size_t kMaxSpare = 48;

  Block new_block();
  void forget_first(std::size_t used);

  std::size_t capacity_;
  std::deque<Block> blocks_;
  std::vector<Block> spare_;
  std::uint64_t base_ = 0;  // offset of the first byte of blocks_.front()
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace nigh::session
