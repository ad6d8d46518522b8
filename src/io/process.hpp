// SPDX-License-Identifier: Apache-2.0
// Children of this process, from the event loop.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/spawn.hpp"
#include "base/unique_fd.hpp"
#include "io/readiness.hpp"

namespace nigh::io {

struct ChildStatus {
  int code = 0;
  int signal = 0;  // 0: it exited with code
  bool core_dumped = false;
};

// Owns a child: reports its end once, from the event loop. Destroying it does not end the child
// but forgets it (init or a later waitpid(-1) reaps it), so end it first.
class Child {
 public:
  Child(const asio::any_io_executor& executor, pid_t pid, std::function<void(ChildStatus)> on_exit);
  pid_t pid() const { return pid_; }
  bool running() const { return !reaped_; }
  // To the whole process group where the child leads one.
  void signal(int number) const;

 private:
  void reap();
  pid_t pid_;
  bool reaped_ = false;
  std::function<void(ChildStatus)> on_exit_;
  Readiness exited_;
};

// Runs a helper to its end: feeds `input`, collects up to `limit` bytes of its output. Its stderr
// is ours. Errc::too_large, or what spawn() says. Cancelling kills the helper.
struct HelperResult {
  ChildStatus status;
  std::string output;
};
awaitable<HelperResult> run_helper(SpawnSpec spec, std::string input, std::size_t limit);

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};
// O_CLOEXEC. With `ours_nonblocking` naming our end; the other end stays blocking for the child.
enum class OurEnd { reader, writer };
Result<Pipe> make_pipe(OurEnd ours, std::size_t capacity);

}  // namespace nigh::io
