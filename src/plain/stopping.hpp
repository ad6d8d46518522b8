// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/runtime.hpp"
#include "plain/plain.hpp"

namespace nigh::plain {

// Runs work until it ends or somebody says Stop.
class Stopping {
 public:
  Stopping(const asio::any_io_executor& executor, Stop& stop);
  ~Stopping();
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

  awaitable<int> run(awaitable<void> work);

 private:
  awaitable<void> until_told();
  Stop& stop_;
  io::Wake told_;
};

}  // namespace nigh::plain
