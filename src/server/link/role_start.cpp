// SPDX-License-Identifier: Apache-2.0
#include "server/link/role_start.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "base/log.hpp"

namespace nigh::server {

namespace {

rlimit original_limit{};

}  // namespace

std::vector<std::string> role_environment(std::initializer_list<const char*> more) {
  std::vector<std::string> out;
  auto take = [&out](const char* name) {
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  };
  for (const char* name : {"PATH", "HOME", "LANG", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                           "TSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE"})
    take(name);
  for (const char* name : more) take(name);
  return out;
}

void raise_descriptor_limit() {
  if (::getrlimit(RLIMIT_NOFILE, &original_limit) != 0) return;
  rlimit raised = original_limit;
  raised.rlim_cur = raised.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &raised);
}

void restore_descriptor_limit(pid_t pid) {
  if (original_limit.rlim_max != 0) ::prlimit(pid, RLIMIT_NOFILE, &original_limit, nullptr);
}

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
