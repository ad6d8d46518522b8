// SPDX-License-Identifier: Apache-2.0
#include "io/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace nigh::io {

Child::Child(const asio::any_io_executor& executor, pid_t pid,
             std::function<void(ChildStatus)> on_exit)
    : pid_(pid),
      on_exit_(std::move(on_exit)),
      exited_(executor, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
              Readiness::For::reading, [this] { reap(); }) {
  exited_.arm();
}

void Child::signal(int number) const {
  if (reaped_) return;
  if (::kill(-pid_, number) != 0 && errno == ESRCH) ::kill(pid_, number);
}

void Child::reap() {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) != 0) return;
  if (info.si_pid == 0) return exited_.arm();
  reaped_ = true;
  ChildStatus status;
  if (info.si_code == CLD_EXITED)
    status.code = info.si_status;
  else
    status.signal = info.si_status;
  status.core_dumped = info.si_code == CLD_DUMPED;
  auto on_exit = std::move(on_exit_);
  on_exit(status);
}

Result<Pipe> make_pipe(OurEnd ours, std::size_t capacity) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot make a pipe", errno);
  Pipe made{UniqueFd(ends[0]), UniqueFd(ends[1])};
  int mine = ours == OurEnd::reader ? ends[0] : ends[1];
  ::fcntl(mine, F_SETFL, ::fcntl(mine, F_GETFL) | O_NONBLOCK);
  // Best effort: an account has a quota of pipe memory (/proc/sys/fs/pipe-user-pages-soft).
  ::fcntl(mine, F_SETPIPE_SZ, static_cast<int>(capacity));
  return made;
}

}  // namespace nigh::io
