// SPDX-License-Identifier: Apache-2.0
#include "cli/wake.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace nigh::cli {

namespace asio = boost::asio;

struct Wake::Timer {
  asio::steady_timer timer;
};

Wake::Wake() = default;
Wake::~Wake() = default;

asio::awaitable<void> Wake::wait() {
  auto executor = co_await asio::this_coro::executor;
  if (!timer_)
    timer_.reset(new Timer{asio::steady_timer(executor, asio::steady_timer::time_point::max())});
  boost::system::error_code woken;
  co_await timer_->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  // Being cancelled ourselves is the only other reason to end.
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

void Wake::notify() {
  if (timer_) timer_->timer.cancel();
}

asio::awaitable<void> pause_for(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace nigh::cli
