// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "wire/percent.hpp"

namespace nigh::tunnel {
namespace {

std::unexpected<Error> no_target(std::string_view text, std::string_view why) {
  return fail(Errc::malformed,
              fmt::format("\"{}\" is no target: {}", printable(text.substr(0, 300)), why));
}

std::uint16_t parse_port(std::string_view text) {  // 0: none
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), port);
  return error == std::errc() && end == text.end() ? port : 0;
}

// The name service decides what is a name; this only keeps out what nobody means as one.
bool may_be_host(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHost &&
         std::ranges::all_of(host, [](char c) { return c > ' ' && c < 0x7f; }) &&
         host.find_first_of("/@[]\\\"<>?#") == host.npos;
}

Result<HostPort> target(std::string_view text, std::string_view host, std::string_view port) {
  if (!may_be_host(host)) return no_target(text, "its host is neither a name nor an address");
  HostPort out{std::string(host), parse_port(port)};
  if (out.port == 0) return no_target(text, "it needs a port from 1 to 65535");
  return out;
}

}  // namespace

std::string to_text(const HostPort& target) {
  const bool bare = !target.host.contains(':');
  return bare ? fmt::format("{}:{}", target.host, target.port)
              : fmt::format("[{}]:{}", target.host, target.port);
}

Result<HostPort> parse_host_port(std::string_view authority) {
  auto colon = authority.rfind(':');
  if (colon == authority.npos) return no_target(authority, "it needs a port, as in db:5432");
  auto host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.contains(':'))
    return no_target(authority, "an IPv6 address needs brackets, as in [::1]:80");
  return target(authority, host, authority.substr(colon + 1));
}

std::string unix_path(std::string_view socket) {
  return std::string(kUnixPath) + wire::percent_encode(socket);
}

Result<std::string> parse_unix_segment(std::string_view segment) {
  auto path = wire::percent_decode(segment);
  if (!path) return std::unexpected(path.error());
  if (!path->starts_with('/') || path->contains('\0') || path->size() > kMaxUnixPath)
    return no_target(
        *path, fmt::format("the path of a socket is absolute, and {} bytes at most", kMaxUnixPath));
  return path;
}

std::string udp_path(const HostPort& target) {
  return fmt::format("{}{}/{}/", kUdpPath, wire::percent_encode(target.host), target.port);
}

Result<HostPort> parse_udp_rest(std::string_view rest) {
  auto parts = split(rest, '/');
  if (parts.size() != 3 || !parts[2].empty()) return no_target(rest, "it is written HOST/PORT/");
  auto host = wire::percent_decode(parts[0]);
  if (!host) return std::unexpected(host.error());
  return target(rest, *host, parts[1]);
}

Result<std::uint64_t> parse_received(std::string_view text) {
  std::uint64_t count = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || stop != text.end())
    return fail(Errc::malformed, fmt::format("{} is no number", kReceivedField));
  return count;
}

}  // namespace nigh::tunnel
