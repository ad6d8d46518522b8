// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/readiness.hpp"

namespace nigh::io {

// The writing end of a pipe, terminal or file. What cannot be written at once is kept, in order;
// the caller bounds that by giving its peer credit only for what on_written() reports.
class FdSink {
 public:
  struct Events {
    // Also called from within write(). The callbacks may not destroy the sink.
    std::function<void(std::size_t)> on_written;
    std::function<void(int error_number)> on_broken;  // EPIPE, ENOSPC, …; nothing goes out any more
    std::function<void()> on_finished;                // after finish(), all is written
  };
  // `fd` must be O_NONBLOCK unless it is a file.
  FdSink(const asio::any_io_executor& executor, UniqueFd fd, Events events)
      : events_(std::move(events)),
        readiness_(std::in_place, executor, std::move(fd), Readiness::For::writing,
                   [this] { drain(); }) {}
  // Into a socket that somebody else reads: it is closed when both are done with it.
  FdSink(const Readiness& shared, Events events)
      : events_(std::move(events)),
        readiness_(std::in_place, shared, Readiness::For::writing, [this] { drain(); }) {}

  void write(std::string_view bytes);
  // The same of bytes that do not lie together. At most 16 pieces.
  void write(std::span<const std::string_view> pieces);
  // The same, for pipes, without a copy: `bytes` must stay until they were read, or do not matter.
  void lend(std::string_view bytes);
  // Closes the descriptor once everything is written.
  void finish();
  bool open() const { return readiness_.has_value(); }
  int fd() const { return readiness_->fd(); }  // while it is open
  std::size_t queued() const { return queue_.size() - sent_; }
  // What is queued; it is not written any more.
  std::string take_unwritten();
  std::size_t memory() const { return queue_.capacity(); }

 private:
  std::size_t write_now(std::string_view bytes);
  void drain();
  void close_if_done();

  Events events_;
  std::string queue_;
  std::size_t sent_ = 0;  // of queue_
  bool finishing_ = false;
  std::optional<Readiness> readiness_;  // none: closed or broken
};

}  // namespace nigh::io
