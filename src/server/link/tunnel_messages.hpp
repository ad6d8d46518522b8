// SPDX-License-Identifier: Apache-2.0
// How a tunnel moves from one front to another, over a socket that the worker gave to both: its
// client has come back, and to somebody else.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>

namespace nigh::server {

// As tunnel::ResumableState. + the socket to the target
struct TunnelFacts {
  std::uint64_t begin = 0;
  bool ended = false;
  std::uint64_t received = 0;
  bool received_end = false;
  static constexpr auto fields = std::tuple(&TunnelFacts::begin, &TunnelFacts::ended,
                                            &TunnelFacts::received, &TunnelFacts::received_end);
};

struct TunnelBytes {
  bool to_target = false;  // not written yet; else what the client has not acknowledged
  std::string bytes;
  static constexpr auto fields = std::tuple(&TunnelBytes::to_target, &TunnelBytes::bytes);
};

struct TunnelComplete {  // and nothing follows
  bool unused = false;
  static constexpr auto fields = std::tuple(&TunnelComplete::unused);
};

using TunnelHandover = std::variant<TunnelFacts, TunnelBytes, TunnelComplete>;

}  // namespace nigh::server
