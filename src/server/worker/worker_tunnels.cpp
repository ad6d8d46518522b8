// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/worker/forwarding_policy.hpp"
#include "server/worker/worker.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::server {
namespace {

template <class Message>
std::string described(const Message& asked) {
  if (asked.reach == Reach::unix_socket) return printable(asked.host);
  return printable(
      fmt::format("{}{}", asked.reach == Reach::udp ? "udp " : "",
                  tunnel::to_text({asked.host, static_cast<std::uint16_t>(asked.port)})));
}

// Of what has been let through, and of what has not.
void note(const Grant& grant, std::string_view what, const std::string& where,
          const Refused& allowed) {
  log::info("{}: key {}: {} {}{}", grant.source, grant.fingerprint, what, shortened(where),
            allowed ? "" : ": " + allowed.error().message);
}

}  // namespace

Refused Worker::dial(FrontPosition front, const Dial& message) {
  auto grant = granted_all(message.grant);
  if (!grant) return std::unexpected(grant.error());
  auto allowed = may_dial(message, (*grant)->options, forwarding_);
  note(**grant, "tunnel to", described(message), allowed);
  if (!allowed) return allowed;
  dialer_.dial(&*front, message,
               [front, request = message.request](std::expected<UniqueFd, Refusal> dialled) {
                 if (!dialled)
                   return refuse_unless(front, request, std::unexpected(dialled.error()));
                 hand_over(front, request, *std::move(dialled));
               });
  return {};
}

Refused Worker::listen(FrontPosition front, const Listen& message) {
  auto grant = granted_all(message.grant);
  if (!grant) return std::unexpected(grant.error());
  auto allowed = may_listen(message, (*grant)->options, forwarding_);
  note(**grant, "listen on", described(message), allowed);
  if (!allowed) return allowed;
  auto socket = listeners_.listen(&*front, message);
  if (!socket) return std::unexpected(socket.error());
  hand_over(front, message.request, *std::move(socket));
  return {};
}

void Worker::hand_over(FrontPosition front, RequestId request, UniqueFd socket) {
  std::vector<UniqueFd> one;
  one.push_back(std::move(socket));
  front->link->send(Started{request, 0}, std::move(one));
}

void Worker::on(FrontPosition front, const Dial& message) {
  refuse_unless(front, message.request, dial(front, message));
}

void Worker::on(FrontPosition front, const Listen& message) {
  refuse_unless(front, message.request, listen(front, message));
}

}  // namespace nigh::server
