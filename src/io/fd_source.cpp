// SPDX-License-Identifier: Apache-2.0
#include "io/fd_source.hpp"

#include <unistd.h>

#include <cerrno>

namespace nigh::io {

FdSource::Read FdSource::read(std::span<char> into) {
  for (;;) {
    auto n = ::read(readiness_.fd(), into.data(), into.size());
    if (n > 0) return {.size = static_cast<std::size_t>(n)};
    if (n == 0) return {.ended = true};
    if (errno == EAGAIN) {
      readiness_.arm();
      return {};
    }
    // EIO is how a pty says that its last user has gone; others are no less final.
    if (errno != EINTR) return {.ended = true, .error = errno};
  }
}

}  // namespace nigh::io
