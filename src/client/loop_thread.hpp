// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <memory>
#include <stop_token>
#include <thread>

#include "base/error.hpp"
#include "io/asio.hpp"
#include "io/runtime.hpp"

namespace nigh::client {

// An event loop on a thread of its own, for callers that want to block. Everything that the loop
// runs is gone when the destructor returns; it must not run on the loop's thread.
class LoopThread {
 public:
  LoopThread();
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Runs `task` on the loop and waits for it. A stop request cancels it. Throws Failure.
  template <class T>
  T call(awaitable<T> task, std::stop_token stop = {});

  // Runs `work` on the loop, some time soon.
  template <class Work>
  void post(Work work) {
    asio::post(context_, std::move(work));
  }
  // The same, and waits until it is done.
  template <class Work>
  void post_and_wait(Work work);

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

namespace detail {

// Delivers a coroutine's end to a promise: a value or an Error, since an exception object would be
// shared by two threads. Owns a share of the promise: the waiting thread may be on its way again
// before set_value() has returned.
template <class T>
struct Deliver {
  std::shared_ptr<std::promise<Result<T>>> promise;
  void operator()(std::exception_ptr failure, T value) {
    if (failure)
      promise->set_value(std::unexpected(io::to_error(failure)));
    else
      promise->set_value(std::move(value));
  }
};
template <>
struct Deliver<void> {
  std::shared_ptr<std::promise<Result<void>>> promise;
  void operator()(std::exception_ptr failure) {
    if (failure)
      promise->set_value(std::unexpected(io::to_error(failure)));
    else
      promise->set_value({});
  }
};

}  // namespace detail

template <class T>
T LoopThread::call(awaitable<T> task, std::stop_token stop) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto result = promise->get_future();
  // On the heap: a stop request may be on its way to the loop when the task has just ended.
  auto cancel = std::make_shared<asio::cancellation_signal>();
  post([this, promise, cancel, task = std::move(task)]() mutable {
    asio::co_spawn(context_, std::move(task),
                   asio::bind_cancellation_slot(cancel->slot(), detail::Deliver<T>{promise}));
  });
  std::stop_callback on_stop(stop, [this, cancel] {
    post([cancel] { cancel->emit(asio::cancellation_type::terminal); });
  });
  return unwrap(result.get());
}

template <class Work>
void LoopThread::post_and_wait(Work work) {
  auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  post([&work, done] {
    work();
    done->set_value();
  });
  finished.get();
}

}  // namespace nigh::client
