// SPDX-License-Identifier: Apache-2.0
#include "client/transfer_thread.hpp"

#include <signal.h>

#include "io/runtime.hpp"

namespace nigh::client {
namespace {

Result<TransferReport> run(const std::function<TransferReport()>& work) {
  try {
    return work();
  } catch (const std::exception&) {
    return std::unexpected(io::to_error(std::current_exception()));
  }
}

// Signals belong to the program that uses the library, so to its own threads.
template <class Body>
std::thread thread_without_signals(Body body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

TransferThread::TransferThread(const asio::any_io_executor& executor,
                               std::function<TransferReport()> work, std::function<void()> cancel)
    : shared_(std::make_shared<Shared>(executor)), cancel_(std::move(cancel)) {
  thread_ = thread_without_signals([executor, shared = shared_, work = std::move(work)] {
    auto result = run(work);
    asio::post(executor, [shared, result = std::move(result)]() mutable {
      shared->result = std::move(result);
      shared->changed.notify_all();
    });
  });
}

TransferThread::~TransferThread() {
  if (!shared_->result) cancel_();
  thread_.join();
}

awaitable<TransferReport> TransferThread::wait() {
  bool cancelled = false;
  try {
    while (!shared_->result) co_await shared_->changed.wait();
  } catch (const Failure&) {
    cancelled = true;
  }
  if (cancelled) {
    cancel_();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (!shared_->result) co_await shared_->changed.wait();
  }
  co_return unwrap(std::move(*shared_->result));
}

}  // namespace nigh::client
