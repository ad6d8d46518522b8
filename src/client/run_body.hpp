// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http2/session.hpp"
#include "io/fd_source.hpp"
#include "service/run/frames.hpp"

namespace nigh::client {

// What a client sends on a session stream: control frames as they are pushed, and the command's
// input, from memory or a descriptor, copied once: into the connection's output buffer.
class RunBody : public http2::BodySource {
 public:
  // `resume` says that there is something to send after Next::wait.
  explicit RunBody(std::function<void()> resume) : resume_(std::move(resume)) {}

  // Goes before input that was not read yet.
  void push(std::string frame);

  // `bytes` must stay alive until `on_sent` was called or drop_input(). One at a time.
  void send_input(std::string_view bytes, std::function<void()> on_sent);
  // All that `fd` gives, then STDIN_EOF.
  void send_input(const asio::any_io_executor& executor, UniqueFd fd);
  // STDIN_EOF after the input that was given so far, once.
  void end_input();
  // Forgets input that was not read yet, and the descriptor.
  void drop_input();

  // Sends no more than `total` bytes of input, counted from the first.
  void allow(std::uint64_t total);
  std::uint64_t input_sent() const { return input_sent_; }

  // END_STREAM after what was pushed.
  void finish();

  Chunk read(std::span<char> into) override;

 private:
  std::size_t read_control(std::span<char> into);
  std::size_t read_input(std::span<char> into);
  std::size_t fill(std::span<char> payload);
  std::size_t fill_from_source(std::span<char> payload);
  bool idle() const;

  std::function<void()> resume_;
  std::string control_;
  std::string_view memory_;
  std::function<void()> on_sent_;
  std::optional<io::FdSource> source_;
  bool source_waits_ = false;
  std::uint64_t input_sent_ = 0;
  std::uint64_t allowed_ = run::kEarlyInput;
  bool input_ended_ = false;
  bool end_wanted_ = false;
  bool finishing_ = false;
};

}  // namespace nigh::client
