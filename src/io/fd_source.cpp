// SPDX-License-Identifier: Apache-2.0
#include "io/fd_source.hpp"

#include <unistd.h>

#include <cerrno>

namespace nigh::io {

FdSource::Read FdSource::read(std::span<char> into) {
  for (;;) {
    auto n = ::read(readiness_.fd(), into.data(), into.size());
    if (n > 0) return {static_cast<std::size_t>(n), false};
    if (n == 0) return {0, true};
    if (errno == EAGAIN) {
      readiness_.arm();
      return {};
    }
    // EIO is how a pty says that its last user has gone; others are no less final.
    if (errno != EINTR) return {0, true};
  }
}

}  // namespace nigh::io
