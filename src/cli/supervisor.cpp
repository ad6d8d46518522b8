// SPDX-License-Identifier: Apache-2.0
#include "cli/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "base/error.hpp"
#include "cli/terminal.hpp"

namespace nigh::cli {
namespace {

namespace asio = boost::asio;

Signals open_signals(Supervisor::Window window) {
  if (window == Supervisor::Window::ignore)
    return unwrap(Signals::catching({SIGINT, SIGTERM, SIGHUP, SIGQUIT}));
  return unwrap(Signals::catching({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCONT}));
}

// The process may have ended a moment ago; its own coroutine tells how.
template <class Action>
void try_on(async::Process& process, Action action) {
  try {
    action(process);
  } catch (const Failure&) {
  }
}

}  // namespace

struct Supervisor::Loop {
  asio::io_context io{1};
};

Supervisor::Supervisor(Window window)
    : signals_(open_signals(window)), loop_(std::make_unique<Loop>()) {}

Supervisor::~Supervisor() = default;

int Supervisor::run(asio::awaitable<int> work) {
  int status = 0;
  std::exception_ptr failure;
  asio::co_spawn(loop_->io, std::move(work), [&](std::exception_ptr e, int result) {
    status = result;
    failure = e;
    leave();
  });
  asio::co_spawn(loop_->io, wait_for_signals(), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  loop_->io.run();
  if (ended_) {
    TerminalKeeper::restore();
    ::_exit(*ended_);
  }
  if (failure) std::rethrow_exception(failure);
  return status;
}

// What a server does not keep for us needs no farewell, nor does the wait for signals.
void Supervisor::leave() {
  leaving_ = true;
  asio::co_spawn(loop_->io, async::leave(), [this](std::exception_ptr) { loop_->io.stop(); });
}

void Supervisor::end(int status) {
  ended_ = status;
  loop_->io.stop();
}

asio::awaitable<void> Supervisor::wait_for_signals() {
  asio::posix::stream_descriptor readable(loop_->io, ::dup(signals_.fd()));
  for (;;) {
    co_await readable.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    handle_signals();
  }
}

void Supervisor::handle_signals() {
  while (auto signal = signals_.next()) handle(*signal);
}

void Supervisor::end_by_signal() {
  if (auto signal = signals_.next()) end(128 + *signal);
}

void Supervisor::handle(int signal) {
  if (signal == SIGCONT) TerminalKeeper::resumed();
  if (signal == SIGCONT || signal == SIGWINCH)
    resize_all();
  else
    handle_interrupt(signal);
}

void Supervisor::handle_interrupt(int signal) {
  interrupted_ = true;
  if (leaving_) return loop_->io.stop();
  auto meaning = interrupts_.received(signal, Interrupts::Clock::now());
  bool nothing_to_tell = watched_.empty() && !stop_;
  if (nothing_to_tell || meaning == Interrupts::Meaning::end) return end(128 + signal);
  if (stop_) return stop_(signal);
  for (auto* process : watched_)
    try_on(*process, [&](async::Process& p) { p.signal(signal_name(signal)); });
}

void Supervisor::resize_all() {
  auto size = window_size();
  if (!size) return;
  for (auto* process : watched_) try_on(*process, [&](async::Process& p) { p.resize(*size); });
}

Supervisor::Watch::Watch(Supervisor& supervisor, async::Process& process)
    : supervisor_(supervisor), process_(process) {
  supervisor_.watched_.push_back(&process_);
}

Supervisor::Watch::~Watch() { std::erase(supervisor_.watched_, &process_); }

Supervisor::Stop::Stop(Supervisor& supervisor, std::function<void(int signal)> stop)
    : supervisor_(supervisor) {
  supervisor_.stop_ = std::move(stop);
}

Supervisor::Stop::~Stop() { supervisor_.stop_ = nullptr; }

}  // namespace nigh::cli
