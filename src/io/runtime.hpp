// SPDX-License-Identifier: Apache-2.0
// Structured concurrency: what is started here is also waited for, and failures are never lost.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "io/asio.hpp"

namespace nigh::io {

using Duration = std::chrono::steady_clock::duration;

// Runs every task; the first to fail cancels the rest, and its exception (not the sibling's
// "operation aborted") is the one rethrown, once all have ended.
awaitable<void> all_or_none(std::vector<awaitable<void>> tasks);

// Runs both; when either ends, in whatever way, the other is cancelled. Rethrows the first's
// failure.
awaitable<void> until_either(awaitable<void> a, awaitable<void> b);

// The only way to start work that nobody waits for: failures are logged under `name`.
void spawn_logged(asio::any_io_executor executor, std::string name, awaitable<void> task);

// The exception as an Error; Boost's messages without their source locations.
Error to_error(const std::exception_ptr& failure);

namespace detail {
awaitable<void> expire(Duration limit, bool& expired);
template <class T>
awaitable<void> store(awaitable<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}
}  // namespace detail

// Fails with Errc::timeout and `message` if `task` has not finished after `limit`; the task is
// cancelled then. Not for hot paths: it costs a timer and two coroutines.
template <class T>
awaitable<T> with_timeout(awaitable<T> task, Duration limit, std::string message) {
  bool expired = false;
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    try {
      co_await until_either(std::move(task), detail::expire(limit, expired));
    } catch (...) {
      failure = std::current_exception();
    }
    if (expired) throw Failure(Errc::timeout, message);
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> result;
    try {
      co_await until_either(detail::store(std::move(task), result), detail::expire(limit, expired));
    } catch (...) {
      failure = std::current_exception();
    }
    if (result) co_return *std::move(result);
    if (expired) throw Failure(Errc::timeout, message);
    std::rethrow_exception(failure);
  }
}

// A condition variable for the coroutines of one executor. One waiter at a time; a notify without
// a waiter is remembered, so there is no lost wake-up.
class Wake {
 public:
  explicit Wake(const asio::any_io_executor& executor) : timer_(executor) {}

  void notify() {
    pending_ = true;
    if (waiting_) timer_.cancel();
  }

  awaitable<void> wait();

 private:
  asio::steady_timer timer_;
  bool pending_ = false;
  bool waiting_ = false;
};

}  // namespace nigh::io
