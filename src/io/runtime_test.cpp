// SPDX-License-Identifier: Apache-2.0
#include "io/runtime.hpp"

#include <gtest/gtest.h>

#include "io/test_support.hpp"

namespace nigh::io {
namespace {

using namespace std::chrono_literals;

awaitable<void> forever() {
  Wake never(co_await asio::this_coro::executor);
  co_await never.wait();
}
awaitable<void> nothing() { co_return; }
awaitable<void> broken() {
  throw Failure(Errc::malformed, "broken");
  co_return;
}
awaitable<int> number() { co_return 7; }
awaitable<int> never_a_number() {
  co_await forever();
  co_return 0;
}

awaitable<void> all_of(bool with_broken) {
  std::vector<awaitable<void>> tasks;
  tasks.push_back(nothing());
  if (with_broken) tasks.push_back(forever());
  if (with_broken) tasks.push_back(broken());
  co_await all_or_none(std::move(tasks));
}

TEST(RuntimeTest, AllOrNoneReportsTheFirstFailureNotTheSiblingsCancellation) {
  EXPECT_FALSE(run_to_error(all_of(false)));
  EXPECT_EQ(run_to_error(all_of(true))->message, "broken");
}

TEST(RuntimeTest, UntilEitherEndsWithTheFirst) {
  EXPECT_FALSE(run_to_error(until_either(nothing(), forever())));
  EXPECT_EQ(run_to_error(until_either(forever(), broken()))->code, Errc::malformed);
}

awaitable<void> expect_seven() { EXPECT_EQ(co_await with_timeout(number(), 1h, "late"), 7); }
awaitable<void> expect_timeout() { co_await with_timeout(never_a_number(), 1ms, "late"); }

TEST(RuntimeTest, WithTimeoutGivesTheResultOrTheMessage) {
  EXPECT_FALSE(run_to_error(expect_seven()));
  auto late = run_to_error(expect_timeout());
  EXPECT_EQ(late->code, Errc::timeout);
  EXPECT_EQ(late->message, "late");
  EXPECT_EQ(run_to_error(with_timeout(broken(), 1h, "late"))->message, "broken");
}

awaitable<void> notified_before_and_during() {
  auto executor = co_await asio::this_coro::executor;
  Wake wake(executor);
  wake.notify();
  wake.notify();
  co_await wake.wait();
  asio::post(executor, [&] { wake.notify(); });
  co_await wake.wait();
}

TEST(RuntimeTest, WakeRemembersANotifyWithoutAWaiter) {
  EXPECT_FALSE(run_to_error(notified_before_and_during()));
}

}  // namespace
}  // namespace nigh::io
