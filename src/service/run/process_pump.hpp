// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "io/fd_sink.hpp"
#include "service/run/frame_body.hpp"
#include "service/run/messages.hpp"

namespace nigh::run {

// The server's end of a running command: its descriptors on one side, session frames on the other.
class ProcessPump {
 public:
  // `resume`: body() has something to send.
  ProcessPump(const asio::any_io_executor& executor, std::function<void()> resume)
      : executor_(executor), body_(executor, std::move(resume)) {}

  FrameBody& body() { return body_; }

  // stdin, stdout and stderr; or one terminal. Sends STARTED. What came as input before is written.
  void attach(std::vector<UniqueFd> descriptors, const StartedNote& note);

  // Input that is all there before attach().
  void preload(std::string input);
  // STDIN: Errc::too_large beyond what the client was allowed.
  Result<void> input(std::string_view piece);
  void input_ended();
  void resize(const WindowSize& size);
  void output_closed(Frame type);

  // EXIT follows once all output is sent.
  void exited(const ExitStatus& status);

 private:
  void on_input_written(std::size_t count);
  void end_terminal_input();
  void end_if_complete();

  asio::any_io_executor executor_;
  FrameBody body_;
  std::optional<io::FdSink> stdin_;
  UniqueFd terminal_;        // a duplicate, for resizing
  std::string early_input_;  // before attach()
  bool attached_ = false;
  bool input_ended_ = false;
  std::uint64_t received_ = 0;  // of STDIN
  std::uint64_t written_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t window_ = kEarlyInput;
  std::optional<ExitStatus> exit_;
  bool complete_ = false;  // EXIT is on its way
};

}  // namespace nigh::run
