// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/address.hpp"

#include <charconv>

namespace nigh::tunnel {

std::string to_text(const Address& address) {
  return address.is_socket() ? address.path : to_text(address.host_port());
}

bool is_host(const std::string& text) {
  return parse_host_port(to_text(HostPort{text, 1})).has_value();
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [rest, error] = std::from_chars(text.begin(), text.end(), port);
  if (error != std::errc() || rest != text.end()) return std::nullopt;
  return port;
}

}  // namespace nigh::tunnel
