// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "io/readiness.hpp"
#include "io/runtime.hpp"
#include "plain/listening.hpp"

namespace nigh::plain {

// Who comes to any of several listening sockets.
class Acceptor {
 public:
  Acceptor(const asio::any_io_executor& executor, Listening listening);

  // The next; tuned (base/tcp_options.hpp). For one coroutine.
  awaitable<tcp::socket> next();

 private:
  asio::any_io_executor executor_;
  io::Wake ready_;
  Listening listening_;  // its file goes when nobody is to come any more
  std::vector<std::unique_ptr<io::Readiness>> sockets_;
};

}  // namespace nigh::plain
