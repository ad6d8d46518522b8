// SPDX-License-Identifier: Apache-2.0
#include "server/front/sandbox.hpp"

#include <time.h>

#ifdef NIGH_SECCOMP
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#endif

#include "base/log.hpp"
#include "ssh/random.hpp"

namespace nigh::server {

#if defined(NIGH_SECCOMP) && !defined(NIGH_SANITIZED)
namespace {

constexpr int kAllowed[] = {
    // the event loop
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(eventfd2),
    // bytes and descriptors
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(accept4),  // from listeners that the worker has opened
    SCMP_SYS(close),
    SCMP_SYS(shutdown),
    SCMP_SYS(dup),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(lseek),
    // memory and time
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mprotect),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    // itself
    SCMP_SYS(sysinfo),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
};

// Of all ioctls those on terminals that a pty needs, and Asio's FIONBIO and FIONREAD.
constexpr unsigned long kIoctls[] = {TIOCSWINSZ, TCGETS, FIONBIO, FIONREAD};

// F_SETOWN and F_SETSIG would have the kernel signal other processes for us.
constexpr int kFcntls[] = {F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC};

bool add_rules(scmp_filter_ctx filter) {
  for (int call : kAllowed)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  for (auto request : kIoctls)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                         SCMP_A1(SCMP_CMP_EQ, request)) != 0)
      return false;
  for (int command : kFcntls)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                         SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command))) != 0)
      return false;
  // abort() signals this process; no other.
  if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                       SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()))) != 0)
    return false;
  // To look for a file is answered, not punished: the C library does so in corners (time zones).
  for (int call : {SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(access), SCMP_SYS(readlink)})
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 0) != 0) return false;
  return true;
}

}  // namespace

void enter_sandbox() {
  // What would be opened or fetched on first use must be there before the door closes.
  (void)ssh::random_bytes(1);
  ::tzset();
  log::debug("entering the sandbox");
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  const bool entered = filter != nullptr && add_rules(filter) && seccomp_load(filter) == 0;
  if (filter != nullptr) seccomp_release(filter);
  if (!entered) log::warning("this kernel offers no seccomp: the front runs without a sandbox");
}
#else
void enter_sandbox() {}
#endif

}  // namespace nigh::server
