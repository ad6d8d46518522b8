// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <thread>

#include "base/channel.hpp"

namespace nigh::server {

// While it lives, SIGTERM, SIGHUP and SIGINT cancel the channel: a thread waits for them, so
// nothing is done in a signal handler. To be made before any other thread, which then leave them to
// it.
class StopSignals {
 public:
  explicit StopSignals(ByteChannel& channel);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  sigset_t before_;
  std::thread thread_;
};

}  // namespace nigh::server
