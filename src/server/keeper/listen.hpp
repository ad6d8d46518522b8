// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::server {

struct Listener {
  UniqueFd socket;
  std::string address;  // "192.0.2.1:7722", "[::]:7722": with the port that was chosen
};

// `where` is ADDR:PORT; ADDR is a name, an IPv4 address, or an IPv6 address in brackets; PORT
// alone is [::]:PORT. A name may give several sockets. [::] also takes IPv4, and stands for 0.0.0.0
// on machines without IPv6.
Result<std::vector<Listener>> listen_on(const std::string& where);

struct Guest {
  UniqueFd socket;
  std::string source;  // address only; an IPv4 one is written as such
  std::uint16_t port = 0;
};
// Non-blocking: nothing if nobody waits. Errors of a single connection count as nobody;
// Errc::system when descriptors or memory are used up.
Result<std::optional<Guest>> accept_from(const Listener& listener);

}  // namespace nigh::server
