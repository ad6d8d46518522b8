// SPDX-License-Identifier: Apache-2.0
// A server that others reach over a relay, by a name: the words for it, and what its keeper and the
// process that holds its lines to relays say to each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace nigh::server {

// A published name is one host, and has one port: nigh's own, so that nobody who publishes a name
// takes over other ports of a host that is called the same.
inline constexpr std::uint32_t kPublishedPort = 7722;

// A name that may be published: 1 to 63 of a-z 0-9 - and dots in between; nothing that could be an
// address, and not localhost.
bool is_publishable(std::string_view name);

struct Publication {
  std::string name;
  std::string relay;  // as a person names a host: "[user@]host[:port]"
};
// "NAME@RELAY". Errc::usage: it is not that.
Result<Publication> parse_publication(std::string_view text);

// How connections that come over a relay are named where others have their address. No address
// begins like that.
inline constexpr std::string_view kRelaySource = "relay:";

// ---- keeper -> publisher -----------------------------------------------------------------------

struct Publish {
  std::vector<std::string> what;  // publications
  static constexpr auto fields = std::tuple(&Publish::what);
};

struct StopPublishing {  // who is here may stay; then it ends
  std::uint8_t unused = 0;
  static constexpr auto fields = std::tuple(&StopPublishing::unused);
};

using ToPublisher = std::variant<Publish, StopPublishing>;

// ---- publisher -> keeper -----------------------------------------------------------------------

struct CameOver {      // + a socket
  std::string source;  // "relay:bastion/192.0.2.7": the relay, and who the relay says that it is
  static constexpr auto fields = std::tuple(&CameOver::source);
};

using FromPublisher = std::variant<CameOver>;

}  // namespace nigh::server
