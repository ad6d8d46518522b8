// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "io/asio.hpp"

namespace nigh::client {

// Until `when`, or until somebody cancels `alarm`. Throws Errc::cancelled if the coroutine is.
inline awaitable<void> sleep_until(asio::steady_timer& alarm, asio::steady_timer::time_point when) {
  alarm.expires_at(when);
  boost::system::error_code woken;
  co_await alarm.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  // To the timer a cancellation of this coroutine looks like one of its own.
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw Failure(Errc::cancelled, "cancelled");
}

}  // namespace nigh::client
