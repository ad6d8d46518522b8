// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/connection.hpp"
#include "client/contact_watch.hpp"
#include "io/network_watch.hpp"

namespace nigh::keep {

// Notices when a connection leads nowhere any more.
class UpstreamWatch {
 public:
  using Time = client::ContactWatch::Time;
  struct Hooks {
    // From now on nothing new should use it, and who can had better leave.
    std::function<void()> on_doubt;
    // Does anything wait for what is in doubt?
    std::function<bool()> is_used;
  };
  UpstreamWatch(std::shared_ptr<client::Connection> connection, Hooks hooks);

  // Ends when the connection is to be given up.
  awaitable<void> run();
  void sent();
  bool in_doubt() const { return in_doubt_; }

 private:
  awaitable<bool> outlives_doubt(bool is_hint);

  std::shared_ptr<client::Connection> connection_;
  Hooks hooks_;
  client::ContactWatch watch_;
  asio::steady_timer alarm_;
  io::NetworkWatch network_;
  bool in_doubt_ = false;
};

}  // namespace nigh::keep
