// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/tunnel/target.hpp"

namespace nigh::tunnel {

// Where something listens, or where a tunnel leads: a port of a host, or a unix socket.
struct Address {
  std::string host;  // a name or a numeric address, without brackets
  std::uint16_t port = 0;
  std::string path;  // absolute; then host and port say nothing

  bool is_socket() const { return !path.empty(); }
  HostPort host_port() const { return {host, port}; }
  bool operator==(const Address&) const = default;
};

// "db:5432", "[::1]:53", "/run/x.sock".
std::string to_text(const Address& address);

// May stand where a host is named.
bool is_host(const std::string& text);
// 0 to 65535, in digits only.
std::optional<std::uint16_t> parse_port(std::string_view text);

}  // namespace nigh::tunnel
