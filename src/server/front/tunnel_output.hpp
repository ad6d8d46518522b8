// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/fd_sink.hpp"

namespace nigh::server {

// What a client sends, on its way into a tunnel's socket. What comes before there is one, or faster
// than it takes, is kept; the peer bounds that, since it gets its window back only for what is
// gone. Lives on after its stream, by itself, while there is something to deliver.
class TunnelOutput : public std::enable_shared_from_this<TunnelOutput> {
 public:
  struct Events {
    // So many bytes were written, or nobody will ever read them. Also after the stream.
    std::function<void(std::size_t)> on_gone;
    std::function<void()> on_broken;  // the socket takes nothing any more
  };
  static constexpr std::chrono::seconds kPatience{60};

  explicit TunnelOutput(Events events) : events_(std::move(events)) {}

  // `socket` is connected and O_NONBLOCK; it is open for as long as this uses it.
  void attach(const io::Readiness& socket);
  void write(std::string_view bytes);
  // Ends the socket's writing half once everything is written.
  void finish();
  // Nobody reads any more: closes at once.
  void drop();
  // The stream is over, well: what is left is delivered, unless the socket takes nothing for
  // kPatience. on_broken is not called any more.
  void outlive(const asio::any_io_executor& executor);
  std::size_t kept() const { return kept_; }
  // Does not write any more, nor says anything: what is left is somebody else's.
  std::string give_back();

 private:
  void on_written(std::size_t count);
  void on_broken();
  void half_close_if_done();
  void wait_on();

  Events events_;
  std::string early_;  // before attach()
  std::size_t kept_ = 0;
  bool finished_ = false;
  bool dropped_ = false;
  std::optional<io::FdSink> sink_;
  // Once it outlives its stream; whose handler holds it.
  std::optional<asio::steady_timer> patience_;
};

}  // namespace nigh::server
