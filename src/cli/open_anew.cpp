// SPDX-License-Identifier: Apache-2.0
#include "cli/open_anew.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"

namespace nigh::cli {

UniqueFd open_anew(int fd, int access) {
  struct stat status{};
  if (::fstat(fd, &status) != 0)
    throw Failure(errno_error(fmt::format("cannot use file descriptor {}", fd), errno));
  if (S_ISFIFO(status.st_mode) || ::isatty(fd) == 1) {
    UniqueFd anew(::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                         access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (anew.valid()) return anew;
  }
  UniqueFd same(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!same.valid()) throw Failure(errno_error("cannot duplicate a file descriptor", errno));
  int flags = ::fcntl(fd, F_GETFL);
  if (!S_ISREG(status.st_mode) && flags >= 0) (void)::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  return same;
}

}  // namespace nigh::cli
