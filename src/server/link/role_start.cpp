// SPDX-License-Identifier: Apache-2.0
#include "server/link/role_start.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.hpp"

namespace nigh::server {

UniqueFd begin_role(const char* name, const char* log_level) {
  log::start(name, log::level_named(log_level));
#ifndef NIGH_SANITIZED
  ::prctl(PR_SET_DUMPABLE, 0);  // (LeakSanitizer must look into it.)
#endif
  // A burst's memory goes back to the system; glibc would raise its thresholds and keep 64 MiB.
  ::mallopt(M_MMAP_THRESHOLD, 2 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
  ::signal(SIGPIPE, SIG_IGN);
  UniqueFd keeper(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
  return keeper;
}

}  // namespace nigh::server
