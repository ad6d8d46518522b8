// SPDX-License-Identifier: Apache-2.0
// What a person typed to name a host: [user@]host[:port], [v6]:port, a bare IPv6 address, or
// nigh://[user@]host[:port][/]. Names are held to a strict alphabet here, once, because they later
// become argv words of ssh and ssh-keygen, lines of known_hosts and lines on a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::client {

inline constexpr std::uint16_t kDefaultPort = 7722;

struct Target {
  std::optional<std::string> user;
  std::string host;  // without brackets; may be an alias of a configuration file
  std::optional<std::uint16_t> port;
};

// Errc::usage, quoting the part that is wrong.
Result<Target> parse_target(std::string_view text);

// The same rules for names that come from configuration files. Errc::usage.
Result<void> check_host_name(std::string_view host);
Result<void> check_user_name(std::string_view user);
Result<std::uint16_t> parse_port(std::string_view text);

// "web1:7722", "[::1]:7722": for people and for `:authority`.
std::string address_text(std::string_view host, std::uint16_t port);

}  // namespace nigh::client
