// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/forward_spec.hpp"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>

#include "base/text.hpp"

namespace nigh::tunnel {
namespace {

using Fields = std::vector<std::string_view>;

// What counts if nobody says where. On the server permitlisten sees it.
std::string_view loopback(bool udp) { return udp ? "127.0.0.1" : "localhost"; }

struct Ports {
  int first = 0;
  int last = 0;
  int count() const { return last - first + 1; }
};

struct Side {
  Address address;  // but for its port
  Ports ports;
};

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail(Errc::usage, fmt::format("'{}': {}", printable(text), why));
}

// Cut at each colon that is not in brackets, and the brackets taken off.
std::optional<Fields> cut(std::string_view text) {
  Fields fields;
  for (;;) {
    std::string_view field;
    if (text.starts_with('[')) {
      auto end = text.find(']');
      if (end == text.npos) return std::nullopt;
      field = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
      if (!text.empty() && text[0] != ':') return std::nullopt;
    } else {
      field = text.substr(0, text.find(':'));
      text.remove_prefix(field.size());
    }
    fields.push_back(field);
    if (text.empty()) return fields;
    text.remove_prefix(1);
  }
}

std::optional<Ports> parse_ports(std::string_view text) {
  auto dash = text.find('-');
  auto first = parse_port(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == text.npos) return Ports{*first, *first};
  auto last = parse_port(text.substr(dash + 1));
  if (!last || *first == 0 || *last < *first) return std::nullopt;
  return Ports{*first, *last};
}

Result<Side> socket_side(std::string_view text, std::string_view path) {
  if (path.size() > kMaxUnixPath)
    return wrong(text, fmt::format("the path of a socket has at most {} bytes", kMaxUnixPath));
  return Side{.address = {.host = "", .port = 0, .path = std::string(path)}, .ports = {}};
}

Result<Side> port_side(std::string_view text, std::string_view host, std::string_view ports) {
  auto parsed = parse_ports(ports);
  if (!parsed) return wrong(text, fmt::format("'{}' is no port", printable(ports)));
  if (parsed->count() > kMaxRange)
    return wrong(text, fmt::format("a range has at most {} ports", kMaxRange));
  if (host.empty()) return wrong(text, "an address is empty: * is all, none is the loopback");
  if (!is_host(std::string(host)))
    return wrong(text, fmt::format("'{}' is no host", printable(host)));
  return Side{.address = {.host = std::string(host), .port = 0, .path = ""}, .ports = *parsed};
}

bool looks_like_ports(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789-") == text.npos;
}

// Takes its fields off the front.
Result<Side> listening_side(bool udp, std::string_view text,
                            std::span<const std::string_view>& fields) {
  auto first = fields[0];
  if (first.starts_with('/')) {
    fields = fields.subspan(1);
    return socket_side(text, first);
  }
  if (fields.size() == 1 || looks_like_ports(first)) {
    fields = fields.subspan(1);
    return port_side(text, loopback(udp), first);
  }
  auto port = fields[1];
  fields = fields.subspan(2);
  return port_side(text, first, port);
}

Result<Side> target_side(std::string_view text, std::span<const std::string_view> fields) {
  if (fields.empty()) return wrong(text, "it does not say where to: PORT:HOST:PORT");
  if (fields.size() == 1 && fields[0].starts_with('/')) return socket_side(text, fields[0]);
  if (fields.size() != 2) return wrong(text, "it is not [BIND:]PORT:HOST:PORT or with /SOCKET");
  auto side = port_side(text, fields[0], fields[1]);
  if (side && side->ports.first == 0) return wrong(text, "port 0 leads nowhere");
  return side;
}

std::vector<Forward> each_port(const Forward& one, const Side& listen, const Side& target) {
  std::vector<Forward> all;
  for (int i = 0; i < listen.ports.count(); ++i) {
    auto& forward = all.emplace_back(one);
    forward.listen = listen.address;
    forward.listen.port = static_cast<std::uint16_t>(listen.ports.first + i);
    forward.target = target.address;
    forward.target.port = static_cast<std::uint16_t>(target.ports.first + i);
  }
  return all;
}

Result<void> check_udp(std::string_view text, const Forward& one, const Side& listen,
                       const Side& target) {
  if (!one.udp) return {};
  if (one.direction != Direction::local) return wrong(text, "UDP goes from here only: -L");
  if (listen.address.is_socket() || target.address.is_socket())
    return wrong(text, "UDP leads from a port to a port");
  return {};
}

}  // namespace

Result<std::vector<Forward>> parse_forward(Direction direction, std::string_view text) {
  constexpr std::string_view kUdp = "udp:";
  Forward one{.direction = direction, .udp = text.starts_with(kUdp), .listen = {}, .target = {}};
  auto fields = cut(one.udp ? text.substr(kUdp.size()) : text);
  if (!fields) return wrong(text, "a bracket is not closed, or something follows it");
  std::span<const std::string_view> rest = *fields;
  auto listen = listening_side(one.udp, text, rest);
  if (!listen) return std::unexpected(listen.error());
  Side target;
  if (direction == Direction::dynamic) {
    if (!rest.empty()) return wrong(text, "it is not [BIND:]PORT: who comes says where to");
    target.ports = listen->ports;
  } else {
    auto said = target_side(text, rest);
    if (!said) return std::unexpected(said.error());
    target = *said;
  }
  if (auto r = check_udp(text, one, *listen, target); !r) return std::unexpected(r.error());
  if (listen->ports.count() > 1 && target.ports.count() != listen->ports.count())
    return wrong(text, "the ranges are not of one length");
  if (listen->ports.count() == 1 && target.ports.count() != 1)
    return wrong(text, "the ranges are not of one length");
  auto all = each_port(one, *listen, target);
  if (direction == Direction::dynamic)
    for (auto& forward : all) forward.target = {};
  return all;
}

}  // namespace nigh::tunnel
