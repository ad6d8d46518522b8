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

// May all of them be published by one server? Errc::usage: one is none, is there twice, or they are
// too many.
inline constexpr std::size_t kMaxPublications = 64;
Result<void> check_publications(const std::vector<std::string>& texts);

// How a connection that comes over a relay is named where others have their address: in logs, for
// penalties, in SSH_CONNECTION. "relay:bastion/192.0.2.7", the relay and who it says that it is;
// one word whatever it says, and never an address.
std::string relay_source(std::string_view relay, std::string_view peer);
bool is_relay_source(std::string_view text);

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
  std::string source;  // relay_source()
  static constexpr auto fields = std::tuple(&CameOver::source);
};

using FromPublisher = std::variant<CameOver>;

}  // namespace nigh::server
