// SPDX-License-Identifier: Apache-2.0
#include "io/runtime.hpp"

#include <boost/system/system_error.hpp>

#include "base/log.hpp"

namespace nigh::io {
namespace {

template <class Condition>
awaitable<std::exception_ptr> run_group(std::vector<awaitable<void>> tasks, Condition until) {
  auto executor = co_await asio::this_coro::executor;
  using Operation =
      decltype(asio::co_spawn(executor, std::declval<awaitable<void>>(), asio::deferred));
  std::vector<Operation> operations;
  for (auto& task : tasks)
    operations.push_back(asio::co_spawn(executor, std::move(task), asio::deferred));
  auto group = asio::experimental::make_parallel_group(std::move(operations));
  auto [order, errors] = co_await group.async_wait(until, asio::use_awaitable);
  // Only the first to end tells the cause: the others may just report their cancellation.
  for (auto i : order) {
    if (errors[i]) co_return errors[i];
    if constexpr (std::is_same_v<Condition, asio::experimental::wait_for_one>) break;
  }
  co_return nullptr;
}

}  // namespace

awaitable<void> all_or_none(std::vector<awaitable<void>> tasks) {
  auto failure = co_await run_group(std::move(tasks), asio::experimental::wait_for_one_error());
  if (failure) std::rethrow_exception(failure);
}

awaitable<void> until_either(awaitable<void> a, awaitable<void> b) {
  std::vector<awaitable<void>> tasks;
  tasks.push_back(std::move(a));
  tasks.push_back(std::move(b));
  auto failure = co_await run_group(std::move(tasks), asio::experimental::wait_for_one());
  if (failure) std::rethrow_exception(failure);
}

void spawn_logged(asio::any_io_executor executor, std::string name, awaitable<void> task) {
  asio::co_spawn(executor, std::move(task), [name = std::move(name)](std::exception_ptr failure) {
    if (!failure) return;
    auto error = to_error(failure);
    if (error.code == Errc::cancelled) return;
    log::warning("{}: {}", name, error.message);
  });
}

Error to_error(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Failure& f) {
    return f.error();
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return {Errc::cancelled, "cancelled"};
    if (e.code().category() == boost::system::system_category()) {
      auto error = errno_error("", e.code().value());
      error.message.erase(0, 2);  // the ": " after an empty name
      return error;
    }
    return {Errc::system, e.code().message()};
  } catch (const std::bad_alloc&) {
    return {Errc::system, "out of memory"};
  } catch (const std::exception& e) {
    return {Errc::system, e.what()};
  }
}

awaitable<void> Wake::wait() {
  while (!pending_) {
    waiting_ = true;
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
    boost::system::error_code ended;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    waiting_ = false;
    // A cancellation of this coroutine looks like a notify to the timer; tell them apart.
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw Failure(Errc::cancelled, "cancelled");
  }
  pending_ = false;
}

namespace detail {
awaitable<void> expire(Duration limit, bool& expired) {
  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  co_await timer.async_wait(asio::use_awaitable);
  expired = true;
}
}  // namespace detail

}  // namespace nigh::io
