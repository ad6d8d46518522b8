// SPDX-License-Identifier: Apache-2.0
#include "io/pty.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace nigh::io {

Result<PtyPair> open_pty(const WindowSize& size) {
  PtyPair pty{UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)), {}};
  char path[64];
  if (!pty.ours.valid() && errno == ENOSPC)
    return fail(Errc::too_large, "all terminals of this machine are in use");
  if (!pty.ours.valid() || ::grantpt(pty.ours.get()) != 0 || ::unlockpt(pty.ours.get()) != 0 ||
      ::ptsname_r(pty.ours.get(), path, sizeof path) != 0)
    return fail_errno("cannot make a terminal", errno);
  pty.path = path;
  set_window_size(pty.ours.get(), size);
  return pty;
}

void set_window_size(int fd, const WindowSize& size) {
  winsize raw{size.rows, size.columns, size.width_pixels, size.height_pixels};
  ::ioctl(fd, TIOCSWINSZ, &raw);
}

}  // namespace nigh::io
