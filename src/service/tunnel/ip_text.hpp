// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>

#include <array>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::tunnel {

// An address as it goes over the wire (4 or 16 bytes), as text.
inline std::string ip_text(int family, std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* done = ::inet_ntop(family, bytes.data(), text.data(), text.size());
  expect(done != nullptr, "inet_ntop failed");
  return done;
}

inline std::string ipv4_text(std::string_view bytes) {
  expect(bytes.size() == 4, "an IPv4 address has 4 bytes");
  return ip_text(AF_INET, bytes);
}

inline std::string ipv6_text(std::string_view bytes) {
  expect(bytes.size() == 16, "an IPv6 address has 16 bytes");
  return ip_text(AF_INET6, bytes);
}

}  // namespace nigh::tunnel
