// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

#include "base/error.hpp"
#include "cli/console.hpp"
#include "cli/outcome.hpp"

namespace nigh::cli {

namespace {

constexpr std::size_t kMuch = 1 << 20;

// What a descriptor that may block takes at once: after POLLOUT a pipe takes PIPE_BUF bytes, a file
// on disk and /dev/null take all.
std::size_t piece_size(const struct stat& status) {
  constexpr unsigned kMemoryDevices = 1;
  const bool takes_all = S_ISREG(status.st_mode) ||
                         (S_ISCHR(status.st_mode) && ::major(status.st_rdev) == kMemoryDevices);
  return takes_all ? kMuch : PIPE_BUF;
}

}  // namespace

Output::Way::Way(int its_fd) : fd(its_fd), at_once(PIPE_BUF) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return;
  at_once = piece_size(status);
  if (!S_ISFIFO(status.st_mode)) return;
  own = UniqueFd(
      ::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  if (!own.valid()) return;
  fd = own.get();
  at_once = kMuch;
}

void Output::write(int fd, std::string_view text) {
  const auto& way = ways_.try_emplace(fd, fd).first->second;
  while (!text.empty() && !supervisor_.ended()) {
    if (!wait_until_writable(way.fd)) continue;
    auto written = ::write(way.fd, text.data(), std::min(text.size(), way.at_once));
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      auto error = errno_error("cannot write the output", errno);
      const bool closed = error.code == Errc::closed;
      if (!closed) complain(error.message);
      return supervisor_.end(closed ? 128 + SIGPIPE : kOwnFailure);
    }
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
