// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/unique_fd.hpp"
#include "io/fd_sink.hpp"

namespace nigh::server {

// Takes bytes from one socket to another without a copy. Empty between two calls of fill().
class SplicePipe {
 public:
  SplicePipe();
  // Takes at most `most` bytes off `from`, which drain() is to be told. 0: there are none now, or
  // none any more, or this system cannot: read() says which.
  std::size_t fill(int from, std::size_t most);
  // Through `buffer` goes only what the sink has to keep.
  void drain(std::size_t count, io::FdSink& to, std::span<char> buffer);

 private:
  UniqueFd reads_, writes_;
};

}  // namespace nigh::server
