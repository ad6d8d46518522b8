// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"

namespace nigh::http2 {

// Bytes on their way to the network, in one block of fixed capacity. The block is allocated when
// it is first written to and given back by release(), so that an idle connection holds none.
class OutBuffer {
 public:
  static constexpr std::size_t kDefaultCapacity = 256 * 1024;

  explicit OutBuffer(std::size_t capacity = kDefaultCapacity) : capacity_(capacity) {}

  std::string_view view() const { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t room() const { return capacity_ - end_; }

  // Where the next bytes go; what was written there counts after commit().
  std::span<char> free_span() {
    if (!block_) block_ = std::make_unique_for_overwrite<char[]>(capacity_);
    return {block_.get() + end_, room()};
  }
  void commit(std::size_t count) {
    expect(count <= room(), "OutBuffer: committed more than there is room for");
    end_ += count;
  }
  void append(std::string_view bytes) {
    expect(bytes.size() <= room(), "OutBuffer: appended more than there is room for");
    if (bytes.empty()) return;
    std::memcpy(free_span().data(), bytes.data(), bytes.size());
    end_ += bytes.size();
  }

  // The first `count` bytes of view() are sent. The room grows when all are.
  void drop(std::size_t count) {
    expect(count <= end_ - begin_, "OutBuffer: dropped more than it holds");
    begin_ += count;
    if (begin_ == end_) clear();
  }
  void clear() { begin_ = end_ = 0; }
  void release() {
    clear();
    block_.reset();
  }

 private:
  std::size_t capacity_;
  std::unique_ptr<char[]> block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace nigh::http2
