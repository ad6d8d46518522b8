// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "io/readiness.hpp"

namespace nigh::io {

// The reading end of a pipe, terminal or file, read without ever blocking.
class FdSource {
 public:
  // `fd` must be O_NONBLOCK unless it is a file. `on_ready` is called after a read() that would
  // have blocked, once it is worth trying again.
  FdSource(const asio::any_io_executor& executor, UniqueFd fd, std::function<void()> on_ready)
      : readiness_(executor, std::move(fd), Readiness::For::reading, std::move(on_ready)) {}

  struct Read {
    std::size_t size = 0;  // 0 without `ended`: nothing now, on_ready will be called
    bool ended = false;    // end of file, or the other side of a pty is gone
    int error = 0;         // with `ended`: why, unless it was the end of file
  };
  Read read(std::span<char> into);
  int fd() const { return readiness_.fd(); }
  const Readiness& readiness() const { return readiness_; }

 private:
  Readiness readiness_;
};

}  // namespace nigh::io
