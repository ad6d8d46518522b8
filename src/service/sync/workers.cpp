// SPDX-License-Identifier: Apache-2.0
#include "service/sync/workers.hpp"

#include <algorithm>
#include <utility>

namespace nigh::sync {

Workers::Workers(unsigned count) {
  for (unsigned i = 0; i < std::max(count, 1U); ++i) {
    auto& worker = *workers_.emplace_back(std::make_unique<Worker>());
    worker.thread = std::thread([this, &worker] { work(worker); });
  }
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    for (auto& worker : workers_) worker->wake.notify_one();
  }
  for (auto& worker : workers_) worker->thread.join();
}

void Workers::rethrow_failure() {
  if (failure_) std::rethrow_exception(failure_);
}

void Workers::add(std::uint64_t key, std::size_t weight, std::function<void()> task) {
  auto& worker = *workers_[key % workers_.size()];
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return worker.weight < kMostBytes || failure_; });
  rethrow_failure();
  worker.tasks.push_back({weight, std::move(task)});
  worker.weight += weight;
  worker.wake.notify_one();
}

void Workers::drain() {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [this] {
    return failure_ || std::ranges::all_of(workers_, [](const auto& worker) {
             return worker->tasks.empty() && !worker->busy;
           });
  });
  rethrow_failure();
}

void Workers::work(Worker& worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    worker.wake.wait(lock, [&] { return ending_ || !worker.tasks.empty(); });
    if (ending_) break;
    auto task = std::move(worker.tasks.front());
    worker.tasks.pop_front();
    worker.busy = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task.run();
    } catch (...) {
      failure = std::current_exception();
    }
    task.run = nullptr;  // what it holds goes before it counts as done
    lock.lock();
    worker.busy = false;
    worker.weight -= task.weight;
    if (failure && !failure_) failure_ = failure;
    progress_.notify_all();
  }
  worker.tasks.clear();
}

}  // namespace nigh::sync
