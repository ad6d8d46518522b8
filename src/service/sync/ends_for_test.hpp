// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/fd_channel.hpp"
#include "service/sync/sync.hpp"

namespace nigh::sync::for_test {

struct ChannelPair {
  ChannelPair() {
    (void)std::signal(SIGPIPE, SIG_IGN);
    int there[2], back[2];
    if (::pipe2(there, O_CLOEXEC) != 0 || ::pipe2(back, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipes");
    client = std::make_unique<FdChannel>(UniqueFd(back[0]), UniqueFd(there[1]));
    server = std::make_unique<FdChannel>(UniqueFd(there[0]), UniqueFd(back[1]));
  }
  std::unique_ptr<FdChannel> client;
  std::unique_ptr<FdChannel> server;
};

// A transfer with a server on a thread; relative paths of the server are below `home`.
struct Ends {
  std::string home;
  TransferEvents events{};
  std::string server_failure{};

  TransferReport run(const std::function<TransferReport(ByteChannel&)>& client) {
    ChannelPair pair;
    std::thread server([&] {
      try {
        serve(*pair.server, home);
      } catch (const Failure& failure) {
        server_failure = failure.what();
      }
      pair.server.reset();
    });
    std::exception_ptr failure;
    TransferReport report;
    try {
      report = client(*pair.client);
    } catch (...) {
      failure = std::current_exception();
    }
    pair.client.reset();
    server.join();
    if (failure) std::rethrow_exception(failure);
    return report;
  }
  TransferReport push(const Job& job) {
    return run([&](ByteChannel& channel) { return sync::push(channel, job, events); });
  }
  TransferReport pull(const Job& job) {
    return run([&](ByteChannel& channel) { return sync::pull(channel, job, events); });
  }
};

}  // namespace nigh::sync::for_test
