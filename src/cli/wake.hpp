// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <chrono>
#include <memory>

namespace nigh::cli {

// Lets coroutines of one thread wait for what others of them do: look, wait, look again.
class Wake {
 public:
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  async::awaitable<void> wait();
  void notify();  // all that wait

 private:
  struct Timer;
  std::unique_ptr<Timer> timer_;
};

async::awaitable<void> pause_for(std::chrono::milliseconds time);

}  // namespace nigh::cli
