// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/broadcast.hpp"
#include "client/connection.hpp"
#include "client/contact_watch.hpp"
#include "client/redial.hpp"
#include "io/network_watch.hpp"

namespace nigh::client {

// The connection that tunnels go over. When it ends, or its server says that it will, or nothing is
// heard of it, another is made, for as long as that takes; what wants a tunnel meanwhile waits.
class TunnelLine {
 public:
  struct Events {
    std::function<void(const std::string& why)> on_lost;
    std::function<void()> on_back;
    // There is another: what went out over the last one may not have arrived.
    std::function<void()> on_given_up;
  };
  // `owner` keeps `connection` open until there is another.
  TunnelLine(std::shared_ptr<Connection> connection, std::shared_ptr<const void> owner,
             Events events);

  // One that takes requests. Waits while there is none.
  awaitable<std::shared_ptr<Connection>> connection();
  // Something went out over it, which may show whether anybody is there.
  void sent();
  // This one's server does not know us any more: another is to be made, and what goes over it
  // stays.
  void replace(const std::shared_ptr<Connection>& connection);

  // Does all that; for ever. Throws why there will be no other connection: somebody else is at the
  // server's address, or it does not let us in any more. Both must outlive the coroutine.
  awaitable<void> run();

 private:
  awaitable<void> until_stale();
  awaitable<void> until_doubtful();
  awaitable<void> until_useless();
  awaitable<void> renew();
  awaitable<std::shared_ptr<Connection>> dial();
  bool has_recovered();
  void tell_lost();
  static awaitable<void> retire(std::shared_ptr<Connection> old, std::shared_ptr<const void> owner);

  std::shared_ptr<Connection> connection_;
  std::shared_ptr<const void> owner_;
  Events events_;
  std::shared_ptr<Connection> stale_;  // the one that is to be replaced
  asio::any_io_executor executor_;
  Broadcast changed_;
  RetryPace pace_;
  asio::steady_timer alarm_;
  ContactWatch watch_;
  std::optional<io::NetworkWatch> network_;
  std::string why_;        // it is to be replaced
  bool doubtful_ = false;  // for nothing is heard of it, which may change
  ContactWatch::Time since_{};
  bool told_lost_ = false;
};

}  // namespace nigh::client
