// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "io/fd_source.hpp"
#include "io/process.hpp"
#include "server/link/holder_messages.hpp"

namespace nigh::server {

// The command of a session with its pipes or its terminal, and its time limit.
class HeldCommand {
 public:
  struct Events {
    std::function<void()> on_ready;  // output to read, or room for input
    std::function<void(const ExitStatus&)> on_exit;
  };
  HeldCommand(const asio::any_io_executor& executor, Events events)
      : executor_(executor), events_(std::move(events)), limit_(executor) {}

  // `terminal`: our side of it, where there is one.
  Result<pid_t> start(const HoldCommand& command, UniqueFd terminal);
  bool running() const { return child_ && child_->running(); }
  bool is_terminal() const { return terminal_.valid(); }

  // Not while on_ready is awaited: it would find nothing.
  bool may_read(Channel output) const;
  io::FdSource::Read read(Channel output, std::span<char> into);
  void close_output(Channel output) { outputs_[index(output)].source.reset(); }

  // How much of it could be written; 0 also when nobody reads any more: input_open() then is false.
  std::size_t write(std::string_view bytes);
  bool input_open() const { return input_.has_value(); }
  // Closes the input, or tells the terminal. False: there is no room for that now.
  bool end_input();

  void signal(int number) const;
  void hang_up() const;
  void resize(const WindowSize& size) const;

 private:
  struct Output {
    std::optional<io::FdSource> source;
    bool waiting = false;
  };
  static std::size_t index(Channel output) { return static_cast<std::size_t>(output); }
  Result<void> open_pipes(std::array<UniqueFd, 3>& childs, std::size_t capacity);
  void add_output(Channel output, UniqueFd fd);
  void add_input(UniqueFd fd);
  void end_after(std::chrono::milliseconds time, int signal);
  void exited(io::ChildStatus status);

  asio::any_io_executor executor_;
  Events events_;
  asio::steady_timer limit_;
  bool timed_out_ = false;
  UniqueFd terminal_;
  std::array<Output, 2> outputs_;
  std::optional<io::Readiness> input_;
  bool input_waiting_ = false;
  std::optional<io::Child> child_;
};

}  // namespace nigh::server
