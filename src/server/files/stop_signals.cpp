// SPDX-License-Identifier: Apache-2.0
#include "server/files/stop_signals.hpp"

#include <pthread.h>

namespace nigh::server {
namespace {

constexpr int kSignals[] = {SIGTERM, SIGHUP, SIGINT};

}  // namespace

StopSignals::StopSignals(ByteChannel& channel) {
  sigset_t stop;
  sigemptyset(&stop);
  for (int number : kSignals) sigaddset(&stop, number);
  ::pthread_sigmask(SIG_BLOCK, &stop, &before_);
  thread_ = std::thread([stop, &channel] {
    int number = 0;
    ::sigwait(&stop, &number);
    channel.cancel();
  });
}

StopSignals::~StopSignals() {
  ::pthread_kill(thread_.native_handle(), SIGHUP);  // for it alone
  thread_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace nigh::server
