// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "base/error.hpp"

namespace nigh::sync {

// What one thread reads for another. A failure of the reader reaches whoever waits.
template <class T>
class Inbox {
 public:
  void put(T value) {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(value));
    changed_.notify_one();
  }
  // Nothing more will come; `failure` says why, if that is not well.
  void close(std::exception_ptr failure) {
    std::lock_guard lock(mutex_);
    closed_ = true;
    failure_ = std::move(failure);
    changed_.notify_all();
  }
  // nullopt: closed, and well. Throws the reader's failure.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || closed_; });
    return take_locked();
  }
  std::optional<T> take_if_any() {
    std::lock_guard lock(mutex_);
    if (queue_.empty() && !closed_) return std::nullopt;
    return take_locked();
  }

 private:
  std::optional<T> take_locked() {
    if (queue_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return std::nullopt;
    }
    auto value = std::move(queue_.front());
    queue_.pop_front();
    return value;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> queue_;
  bool closed_ = false;
  std::exception_ptr failure_;
};

}  // namespace nigh::sync
