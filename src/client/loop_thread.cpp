// SPDX-License-Identifier: Apache-2.0
#include "client/loop_thread.hpp"

#include <signal.h>

namespace nigh::client {

LoopThread::LoopThread() {
  // Signals belong to the program that uses the library, so to its own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { context_.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LoopThread::~LoopThread() {
  work_.reset();
  thread_.join();
}

}  // namespace nigh::client
