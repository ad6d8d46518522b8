// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/files.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/error.hpp"
#include "client/broadcast.hpp"

namespace nigh::client {

// A transfer, which blocks, on a thread of its own. The thread never outlives this.
class TransferThread {
 public:
  // Starts `work`. `cancel` makes it end soon, from any thread.
  TransferThread(const asio::any_io_executor& executor, std::function<TransferReport()> work,
                 std::function<void()> cancel);
  // Cancels and waits; for a coroutine that is destroyed. wait() leaves nothing to wait for.
  ~TransferThread();
  TransferThread(const TransferThread&) = delete;
  TransferThread& operator=(const TransferThread&) = delete;

  // Throws what the work threw. A cancelled coroutine cancels the work, and still waits for its
  // end.
  awaitable<TransferReport> wait();

 private:
  struct Shared {  // with what the thread has posted when it ends
    explicit Shared(const asio::any_io_executor& executor) : changed(executor) {}
    std::optional<Result<TransferReport>> result;
    Broadcast changed;
  };
  std::shared_ptr<Shared> shared_;
  std::function<void()> cancel_;
  std::thread thread_;
};

}  // namespace nigh::client
