// SPDX-License-Identifier: Apache-2.0
#include "client/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035, section 2.3.4, as text
constexpr std::size_t kMaxUser = 255;
constexpr std::string_view kScheme = "nigh://";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

struct HostPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

Result<HostPort> split_bracketed(std::string_view text) {
  auto close = text.find(']');
  if (close == text.npos)
    return fail(Errc::usage, fmt::format("'{}' has no closing ']'", printable(text)));
  HostPort parts{text.substr(1, close - 1), std::nullopt};
  auto rest = text.substr(close + 1);
  if (rest.empty()) return parts;
  if (rest[0] != ':')
    return fail(Errc::usage, fmt::format("'{}': only :PORT may follow ']'", printable(text)));
  parts.port = rest.substr(1);
  return parts;
}

Result<HostPort> split_host_port(std::string_view text) {
  if (text.starts_with('[')) return split_bracketed(text);
  auto colons = std::ranges::count(text, ':');
  if (colons != 1) return HostPort{text, std::nullopt};  // none, or a bare IPv6 address
  auto colon = text.find(':');
  return HostPort{text.substr(0, colon), text.substr(colon + 1)};
}

// In a URL a bare IPv6 address is ambiguous (RFC 3986, section 3.2.2) and a path means nothing.
Result<std::string_view> strip_scheme(std::string_view text) {
  if (lower(text.substr(0, kScheme.size())) != kScheme) {
    if (text.find("://") == text.npos) return text;
    return fail(Errc::usage, fmt::format("'{}' is not a nigh:// address", printable(text)));
  }
  text.remove_prefix(kScheme.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#") != text.npos)
    return fail(Errc::usage, fmt::format("a nigh:// address ends after the port: '{}' has a path",
                                         printable(text)));
  auto host = text.substr(text.rfind('@') + 1);  // npos + 1 is 0: no user
  if (!host.starts_with('[') && std::ranges::count(host, ':') > 1)
    return fail(Errc::usage,
                fmt::format("write the IPv6 address in brackets: nigh://[{}]", printable(host)));
  return text;
}

}  // namespace

Result<void> check_host_name(std::string_view host) {
  if (host.empty()) return fail(Errc::usage, "the host name is empty");
  if (host.size() > kMaxHost)
    return fail(Errc::usage, fmt::format("the host name is longer than {} characters", kMaxHost));
  if (host[0] == '-')
    return fail(Errc::usage,
                fmt::format("the host name '{}' begins with '-': is it an option in the wrong "
                            "place?",
                            printable(host)));
  auto allowed = [](char c) {
    return is_alphanumeric(c) || std::string_view(".-_+:%").find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(host, allowed))
    return fail(Errc::usage, fmt::format("'{}' is not a host name: only letters, digits and .-_+ "
                                         "may stand in one",
                                         printable(host)));
  // ':' only in an IPv6 address, '%' only before its zone.
  auto zone = host.find('%');
  bool address = host.find(':') < zone;
  auto colons = std::ranges::count(host.substr(0, zone), ':');
  if ((zone != host.npos && !address) || (address && colons < 2) ||
      (address && host.find_first_not_of("0123456789abcdefABCDEF:.") < zone) ||
      (zone != host.npos && host.find_first_of(":%", zone + 1) != host.npos))
    return fail(Errc::usage,
                fmt::format("'{}' is neither a host name nor an IPv6 address", printable(host)));
  return {};
}

Result<void> check_user_name(std::string_view user) {
  if (user.empty()) return fail(Errc::usage, "the user name is empty");
  if (user.size() > kMaxUser)
    return fail(Errc::usage, fmt::format("the user name is longer than {} characters", kMaxUser));
  if (user[0] == '-')
    return fail(Errc::usage, fmt::format("the user name '{}' begins with '-'", printable(user)));
  if (printable(user) != user || user.find_first_of(" '\"`$;&<>|(){}*?!#~\\") != user.npos)
    return fail(Errc::usage,
                fmt::format("'{}' is not a user name: it has a blank, a control character or one "
                            "that a shell would act on",
                            printable(user)));
  return {};
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    return fail(Errc::usage,
                fmt::format("'{}' is not a port: give a number from 1 to 65535", printable(text)));
  return static_cast<std::uint16_t>(port);
}

Result<Target> parse_target(std::string_view text) {
  auto plain = strip_scheme(text);
  if (!plain) return std::unexpected(plain.error());
  Target target;
  // The last '@': user names of directory services have one of their own (ada@example.org@web1).
  if (auto at = plain->rfind('@'); at != plain->npos) {
    target.user = plain->substr(0, at);
    plain->remove_prefix(at + 1);
    if (auto ok = check_user_name(*target.user); !ok) return std::unexpected(ok.error());
  }
  auto parts = split_host_port(*plain);
  if (!parts) return std::unexpected(parts.error());
  if (auto ok = check_host_name(parts->host); !ok) return std::unexpected(ok.error());
  target.host = parts->host;
  if (parts->port) {
    auto port = parse_port(*parts->port);
    if (!port) return std::unexpected(port.error());
    target.port = *port;
  }
  return target;
}

std::string address_text(std::string_view host, std::uint16_t port) {
  if (host.find(':') != host.npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

}  // namespace nigh::client
