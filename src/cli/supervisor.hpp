// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cli/interrupts.hpp"
#include "cli/signals.hpp"

namespace nigh::cli {

// Runs one command's coroutine in an event loop, and stands between it and signals: those go to
// the remote processes that are watched. Before any is, and when somebody insists, they end nigh.
class Supervisor {
 public:
  enum class Window { ignore, follow };  // follow: SIGWINCH resizes what is watched

  explicit Supervisor(Window window = Window::ignore);  // throws Failure
  ~Supervisor();

  // Runs `work` to its end, tells servers that we leave, returns its status and throws what it
  // threw. Does not return after end(): the terminal is restored and the process ends, whatever
  // still hangs.
  int run(async::awaitable<int> work);
  void end(int status);

  // Somebody wants to stop: nothing new should begin.
  bool interrupted() const { return interrupted_; }
  bool ended() const { return ended_.has_value(); }

  // For code that blocks (a question, a full pipe): wait for signal_fd() too, then call this.
  int signal_fd() const { return signals_.fd(); }
  void handle_signals();
  // For code that cannot go on: the pending signal, whatever it is about, ends nigh.
  void end_by_signal();

  // While this lives, `process` gets the signals. It must not move meanwhile.
  class Watch {
   public:
    Watch(Supervisor& supervisor, async::Process& process);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Supervisor& supervisor_;
    async::Process& process_;
  };

  // While this lives, the first signal calls `stop` with it instead of ending nigh; no process is
  // told.
  class Stop {
   public:
    Stop(Supervisor& supervisor, std::function<void(int signal)> stop);
    ~Stop();
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;

   private:
    Supervisor& supervisor_;
  };

 private:
  async::awaitable<void> wait_for_signals();
  void handle(int signal);
  void handle_interrupt(int signal);
  void leave();
  void resize_all();

  Signals signals_;
  Interrupts interrupts_;
  std::vector<async::Process*> watched_;
  std::function<void(int signal)> stop_;
  std::optional<int> ended_;
  bool interrupted_ = false;
  bool leaving_ = false;  // the work is done
  struct Loop;
  std::unique_ptr<Loop> loop_;  // last: what it still holds uses the others
};

}  // namespace nigh::cli
