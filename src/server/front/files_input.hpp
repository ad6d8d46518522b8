// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "io/fd_sink.hpp"

namespace nigh::server {

// A request on its way into the standard input of a file process: its head, then its body; or
// a session's stream on its way to its holder. What comes before there is a process, or faster than
// it reads, is kept; the peer bounds that, since it gets its window back only for what is gone.
class FilesInput {
 public:
  // `gone` bytes of the body were written, or nobody will ever read them.
  using OnGone = std::function<void(std::size_t gone)>;
  FilesInput(std::string head, OnGone on_gone)
      : early_(std::move(head)), head_left_(early_.size()), on_gone_(std::move(on_gone)) {}

  // `on_finished`: everything is written, and `fd` is closed.
  void attach(
      const asio::any_io_executor& executor, UniqueFd fd,
      std::function<void()> on_finished = [] {});
  void write(std::string_view bytes);
  // Closes the pipe once everything is written.
  void finish();
  // What came before there was a process, for somebody else: nothing was reported gone of it.
  std::string take_early();
  // Nobody reads any more: closes the pipe at once.
  void drop();
  std::size_t kept() const { return kept_; }  // of the body

 private:
  void on_written(std::size_t count);
  void forget_kept();

  std::string early_;  // before attach()
  std::size_t head_left_;
  OnGone on_gone_;
  std::size_t kept_ = 0;
  bool finished_ = false;
  bool dropped_ = false;
  std::optional<io::FdSink> sink_;
};

}  // namespace nigh::server
