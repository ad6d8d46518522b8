// SPDX-License-Identifier: Apache-2.0
// What the parts of a Forwarder have in common.
#pragma once

#include "client/forwarder.hpp"

namespace nigh::client {

// A connection that came, as it is told of.
struct Forwarder::Visit {
  ForwardedConnection connection;
};

// `address`: with the port that there is.
Listening describe(const tunnel::Forward& forward, const tunnel::Address& address);

}  // namespace nigh::client
