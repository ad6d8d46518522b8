// SPDX-License-Identifier: Apache-2.0
// What the parts of a Forwarder have in common.
#pragma once

#include "client/forwarder.hpp"

namespace nigh::client {

// A connection that came, as it is told of.
struct Forwarder::Visit {
  ForwardedConnection connection;
};

// A listener on the server, over one connection after the other.
struct Forwarder::Inward {
  tunnel::Forward forward;
  std::string agent;   // who comes is served by the ssh-agent at that path, and by no `forward`
  std::string folder;  // of its socket on the server
  std::unique_ptr<InwardListener> listener;
  Listening description;

  awaitable<void> open(std::shared_ptr<Connection> connection);
};

// `address`: with the port that there is.
Listening describe(const tunnel::Forward& forward, const tunnel::Address& address);

}  // namespace nigh::client
