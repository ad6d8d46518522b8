// SPDX-License-Identifier: Apache-2.0
#include "server/worker/forwarding_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/text.hpp"
#include "service/tunnel/target.hpp"
#include "ssh/match_list.hpp"

namespace nigh::server {
namespace {

Refused not_permitted(std::string message) {
  return refuse(Trouble::not_permitted, std::move(message));
}

Refused may_anybody(const ForwardingSettings& settings) {
  if (settings.allowed) return {};
  return not_permitted("this server forwards nothing (forwarding = false)");
}

Refused may_forward(const ssh::KeyOptions& options, const ForwardingSettings& settings) {
  if (auto anybody = may_anybody(settings); !anybody) return anybody;
  if (!options.port_forwarding)
    return not_permitted("this key may not forward (no-port-forwarding or restrict)");
  return {};
}

Refused may_forward_agent(const ssh::KeyOptions& options, const ForwardingSettings& settings) {
  if (auto anybody = may_anybody(settings); !anybody) return anybody;
  if (!options.agent_forwarding)
    return not_permitted("this key may not forward an agent (no-agent-forwarding or restrict)");
  return {};
}

struct Permission {
  std::string_view host;
  std::string_view port;
};

// `text` is "host:port" or "[address]:port": ssh/key_options.cpp has looked.
Permission permission(std::string_view text) {
  auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {host, text.substr(colon + 1)};
}

bool is_port(std::string_view allowed, std::uint32_t port) {
  return allowed == "*" || allowed == fmt::format("{}", port);
}

bool opens(const std::string& permitted, const Dial& dial) {
  auto [host, port] = permission(permitted);
  return is_port(port, dial.port) && (host == "*" || host == dial.host);
}

bool listens(const std::string& permitted, const Listen& listen) {
  auto [host, port] = permission(permitted);
  return is_port(port, listen.port) && ssh::match_pattern(lower(listen.host), lower(host));
}

std::string named(const std::string& host, std::uint32_t port) {
  return printable(tunnel::to_text({host, static_cast<std::uint16_t>(port)}));
}

Refused is_local_enough(const Listen& listen, const ForwardingSettings& settings) {
  if (listen.host == "localhost") return {};
  boost::system::error_code wrong;
  auto address = boost::asio::ip::make_address(listen.host, wrong);
  if (wrong && listen.host != "*")
    return refuse(Trouble::bad_request,
                  fmt::format("cannot listen on \"{}\": it is no address, localhost or *",
                              shortened(printable(listen.host))));
  if (settings.gateway_ports || (!wrong && address.is_loopback())) return {};
  return not_permitted("this server lets listen on loopback only (gateway_ports = false)");
}

}  // namespace

Refused may_dial(const Dial& dial, const ssh::KeyOptions& options,
                 const ForwardingSettings& settings) {
  if (auto forward = may_forward(options, settings); !forward) return forward;
  const auto& permitted = options.permit_open;
  if (permitted.empty()) return {};
  if (dial.reach != Reach::tcp)
    return not_permitted("this key may open TCP connections only (permitopen)");
  if (std::ranges::any_of(permitted, [&](const auto& one) { return opens(one, dial); })) return {};
  return not_permitted(
      fmt::format("this key may not connect to {} (permitopen)", named(dial.host, dial.port)));
}

Refused may_listen(const Listen& listen, const ssh::KeyOptions& options,
                   const ForwardingSettings& settings) {
  if (listen.reach == Reach::agent) return may_forward_agent(options, settings);
  if (auto forward = may_forward(options, settings); !forward) return forward;
  const auto& permitted = options.permit_listen;
  if (listen.reach == Reach::unix_socket) {
    if (permitted.empty()) return {};
    return not_permitted("this key may listen on TCP ports only (permitlisten)");
  }
  if (!permitted.empty() &&
      std::ranges::none_of(permitted, [&](const auto& one) { return listens(one, listen); }))
    return not_permitted(fmt::format("this key may not listen on {} (permitlisten)",
                                     named(listen.host, listen.port)));
  if (listen.reach == Reach::published) return {};
  return is_local_enough(listen, settings);
}

}  // namespace nigh::server
