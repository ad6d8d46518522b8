// SPDX-License-Identifier: Apache-2.0
#include "client/transfer_thread.hpp"

#include <gtest/gtest.h>

#include <future>

#include "io/runtime.hpp"

namespace nigh::client {
namespace {

// Work that goes on until it is cancelled.
struct EndlessWork {
  std::promise<void> begun{};
  std::promise<void> cancel{};
  bool ended = false;

  TransferReport run() {
    begun.set_value();
    cancel.get_future().wait();
    ended = true;
    throw Failure(Errc::cancelled, "cancelled");
  }
};

awaitable<TransferReport> wait_for(std::function<TransferReport()> work,
                                   std::function<void()> cancel) {
  TransferThread thread(co_await asio::this_coro::executor, std::move(work), std::move(cancel));
  co_return co_await thread.wait();
}

struct Outcome {
  std::optional<Error> error;
  TransferReport report;
};

Outcome outcome_of(std::function<TransferReport()> work) {
  asio::io_context context{1};
  Outcome outcome;
  asio::co_spawn(context, wait_for(std::move(work), [] { ADD_FAILURE() << "nobody cancels it"; }),
                 [&](std::exception_ptr failure, TransferReport report) {
                   if (failure) outcome.error = io::to_error(failure);
                   outcome.report = std::move(report);
                 });
  context.run();
  return outcome;
}

TEST(TransferThreadTest, GivesTheReport) {
  auto outcome = outcome_of([] { return TransferReport{.files = 7}; });
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.report.files, 7u);
}

TEST(TransferThreadTest, ThrowsWhatTheWorkThrows) {
  auto outcome =
      outcome_of([]() -> TransferReport { throw Failure(Errc::not_found, "no source"); });
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Errc::not_found);
  EXPECT_EQ(outcome.error->message, "no source");
}

TEST(TransferThreadTest, ACancelledCoroutineCancelsTheWorkAndWaitsForItsEnd) {
  asio::io_context context{1};
  EndlessWork work;
  asio::cancellation_signal stop;
  std::optional<Error> error;
  bool ended_before = false;
  asio::co_spawn(
      context, wait_for([&] { return work.run(); }, [&] { work.cancel.set_value(); }),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure, TransferReport) {
        ended_before = work.ended;
        error = io::to_error(failure);
      }));
  asio::post(context, [&] {
    work.begun.get_future().wait();
    stop.emit(asio::cancellation_type::terminal);
  });
  context.run();
  EXPECT_TRUE(ended_before);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::cancelled);
}

TEST(TransferThreadTest, ACoroutineThatIsDestroyedTakesItsThreadWithIt) {
  EndlessWork work;
  {
    asio::io_context context{1};
    asio::co_spawn(context, wait_for([&] { return work.run(); }, [&] { work.cancel.set_value(); }),
                   [](std::exception_ptr, TransferReport) { ADD_FAILURE() << "it never ends"; });
    context.poll();
    work.begun.get_future().wait();
  }
  EXPECT_TRUE(work.ended);
}

}  // namespace
}  // namespace nigh::client
