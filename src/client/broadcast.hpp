// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "io/asio.hpp"

namespace nigh::client {

// Wakes any number of coroutines of one executor. Nothing is remembered, so a waiter looks at its
// condition, waits, and looks again; that is sound because nobody else runs in between.
class Broadcast {
 public:
  explicit Broadcast(const asio::any_io_executor& executor)
      : timer_(executor, std::chrono::steady_clock::time_point::max()) {}

  void notify_all() { timer_.cancel(); }

  awaitable<void> wait() {
    boost::system::error_code ended;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    // To the timer a cancellation of this coroutine looks like a notify.
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw Failure(Errc::cancelled, "cancelled");
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace nigh::client
