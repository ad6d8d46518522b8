// SPDX-License-Identifier: Apache-2.0
// Where a tunnel leads, as a request names it (docs/protocol/tunnels.md). Both ends use this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::tunnel {

inline constexpr std::string_view kUnixProtocol = "nigh-unix";
inline constexpr std::string_view kUnixPath = "/v1/unix/";
inline constexpr std::string_view kUdpProtocol = "connect-udp";
inline constexpr std::string_view kUdpPath = "/.well-known/masque/udp/";
inline constexpr std::string_view kAcceptedProtocol = "nigh-accepted";
inline constexpr std::string_view kListenPath = "/v1/listen";
// A tunnel that survives its connections: asked for, named, and gone on with.
inline constexpr std::string_view kResumableField = "nigh-resumable";
inline constexpr std::string_view kTunnelField = "nigh-tunnel";
inline constexpr std::string_view kReceivedField = "nigh-received";
inline constexpr std::string_view kTunnelProtocol = "nigh-tunnel";
inline constexpr std::string_view kTunnelPath = "/v1/tunnels/";
// Of any request: the connection itself goes through a tunnel, or another program
// (docs/protocol.md).
inline constexpr std::string_view kRelayedField = "nigh-relayed";
inline constexpr std::size_t kMaxHost = 255;
inline constexpr std::size_t kMaxUnixPath = 107;  // sockaddr_un

struct HostPort {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// "db:5432", "[2001:db8::7]:53": the :authority of a CONNECT, and for people.
std::string to_text(const HostPort& target);
// Errc::malformed: not that, no port from 1 to 65535, or a host that cannot be one.
Result<HostPort> parse_host_port(std::string_view authority);

// The :path of a tunnel to a Unix socket, from its beginning.
std::string unix_path(std::string_view socket);
// `segment` is what follows kUnixPath. Errc::malformed: bad encoding, a NUL, not absolute, or
// longer than a socket's path can be.
Result<std::string> parse_unix_segment(std::string_view segment);

// The :path of connect-udp, from its beginning (RFC 9298, section 2).
std::string udp_path(const HostPort& target);
// `rest` is what follows kUdpPath: "192.0.2.6/443/".
Result<HostPort> parse_udp_rest(std::string_view rest);

// The value of kReceivedField. Errc::malformed: no number.
Result<std::uint64_t> parse_received(std::string_view text);

}  // namespace nigh::tunnel
