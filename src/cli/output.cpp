// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>

#include "cli/console.hpp"
#include "cli/outcome.hpp"

namespace nigh::cli {

namespace {

// What can be written without blocking for long: after POLLOUT a pipe takes PIPE_BUF bytes, a file
// on disk takes all.
std::size_t piece_size(int fd) {
  constexpr std::size_t kOfFile = 1 << 20;
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? kOfFile : PIPE_BUF;
}

}  // namespace

void Output::write(int fd, std::string_view text) {
  auto piece_limit = piece_size(fd);
  while (!text.empty() && !supervisor_.ended()) {
    if (!wait_until_writable(fd)) continue;
    auto piece = text.substr(0, piece_limit);
    if (auto written = write_all(fd, piece); !written) {
      bool closed = written.error().code == Errc::closed;
      if (!closed) complain(written.error().message);
      return supervisor_.end(closed ? 128 + SIGPIPE : kOwnFailure);
    }
    text.remove_prefix(piece.size());
  }
}

bool Output::wait_until_writable(int fd) {
  std::array<pollfd, 2> ready{pollfd{fd, POLLOUT, 0}, pollfd{supervisor_.signal_fd(), POLLIN, 0}};
  if (::poll(ready.data(), ready.size(), -1) < 0) return false;
  if (ready[0].revents != 0) return true;
  supervisor_.end_by_signal();
  return false;
}

}  // namespace nigh::cli
