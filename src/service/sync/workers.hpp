// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace nigh::sync {

// Threads that each do their tasks in order. Whoever adds waits while a thread has more than a few
// megabytes before it: so a slow disk slows the peer down.
class Workers {
 public:
  explicit Workers(unsigned count);
  ~Workers();  // what has not begun is dropped
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Tasks of the same key stay in order. `weight`: bytes that the task holds.
  void add(std::uint64_t key, std::size_t weight, std::function<void()> task);
  // Until all that was added is done. Rethrows the first failure of a task.
  void drain();

 private:
  static constexpr std::size_t kMostBytes = 8 << 20;
  struct Task {
    std::size_t weight;
    std::function<void()> run;
  };
  struct Worker {
    std::deque<Task> tasks;
    std::size_t weight = 0;
    bool busy = false;
    std::condition_variable wake;
    std::thread thread;
  };
  void work(Worker& worker);
  void rethrow_failure();

  std::mutex mutex_;
  std::condition_variable progress_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::exception_ptr failure_;
  bool ending_ = false;
};

}  // namespace nigh::sync
