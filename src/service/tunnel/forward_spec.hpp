// SPDX-License-Identifier: Apache-2.0
// What people write behind -L, -R and -D.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "service/tunnel/address.hpp"

namespace nigh::tunnel {

enum class Direction {
  local,    // -L: listens here, leads to what the server reaches
  remote,   // -R: listens on the server, leads to what we reach
  dynamic,  // -D: listens here; who comes says where to
};

struct Forward {
  Direction direction = Direction::local;
  bool udp = false;
  // Host "*": all addresses. Port 0: one that is free.
  Address listen;
  Address target;  // of a dynamic one: empty
};

// How many ports a range may have.
inline constexpr int kMaxRange = 1024;

//   [bind:]port:host:port    8000-8010:host:8000-8010    udp:[bind:]port:host:port
//   [bind:]port:/socket      /socket:host:port           /socket:/socket
// and for a dynamic one [bind:]port or /socket. IPv6 addresses in brackets; without a bind address
// it is the loopback. A range gives one for each port. Errc::usage says what is wrong.
Result<std::vector<Forward>> parse_forward(Direction direction, std::string_view text);

}  // namespace nigh::tunnel
