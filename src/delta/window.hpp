// SPDX-License-Identifier: Apache-2.0
// A stretch of a file in memory: reads ahead, so that many small looks are few reads.
#pragma once

#include <memory>

#include "delta/delta.hpp"

namespace nigh::delta {

class Window {
 public:
  // `read` outlives this. No look may be longer than `capacity`.
  Window(const ReadAt& read, std::size_t capacity)
      : read_(read),
        capacity_(capacity),
        bytes_(std::make_unique_for_overwrite<char[]>(capacity)) {}

  // At least `length` bytes from `offset`, and what is at hand beyond, but nothing from `end` on.
  // Valid until the next call. Errc::unavailable: the file ends before.
  Result<std::string_view> look(std::uint64_t offset, std::size_t length, std::uint64_t end);

 private:
  const ReadAt& read_;
  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  Span held_;
};

// What a window needs for blocks of this size and a file of that one.
std::size_t window_capacity(std::uint32_t block, std::uint64_t file_size);

}  // namespace nigh::delta
