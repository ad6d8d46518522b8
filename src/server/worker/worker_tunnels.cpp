// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/link/publication.hpp"
#include "server/worker/forwarding_policy.hpp"
#include "server/worker/worker.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::server {
namespace {

template <class Message>
std::string described(const Message& asked) {
  if (asked.reach == Reach::unix_socket) return printable(asked.host);
  if (asked.reach == Reach::agent) return "a socket for its agent";
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
  auto visited = visit(front, message, **grant);
  if (!visited) return std::unexpected(visited.error());
  if (*visited) return {};
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
  note(**grant, message.reach == Reach::published ? "publish" : "listen on", described(message),
       allowed);
  if (!allowed) return allowed;
  if (message.reach == Reach::published) return publish(front, message, **grant);
  auto sockets = listeners_.listen(&*front, message);
  if (!sockets) return std::unexpected(sockets.error());
  front->link->send(Started{message.request, 0}, *std::move(sockets));
  return {};
}

// ---- tunnels that another front keeps -----------------------------------------------------------

// Whoever has it answers the asker; the others close their copy, and when all have, it knows.
Refused Worker::fetch(FrontPosition front, const FetchTunnel& message) {
  auto grant = granted_all(message.grant);
  if (!grant) return std::unexpected(grant.error());
  auto pair = Link::make_pair();
  if (!pair) return refuse(pair.error());
  for (auto other = fronts_.begin(); other != fronts_.end(); ++other) {
    if (other == front || !other->link) continue;
    std::vector<UniqueFd> copy;
    copy.emplace_back(::fcntl(pair->second.get(), F_DUPFD_CLOEXEC, 3));
    if (copy[0].valid())
      other->link->send(SurrenderTunnel{message.id, (*grant)->fingerprint}, std::move(copy));
  }
  hand_over(front, message.request, std::move(pair->first));
  return {};
}

// ---- names that are published ------------------------------------------------------------------

Worker::Front* Worker::front_of(const PublishedNames::Line& line) {
  for (auto& front : fronts_)
    if (&front == line.owner && front.link) return &front;
  return nullptr;
}

Refused Worker::publish(FrontPosition front, const Listen& message, const Grant& grant) {
  auto before = published_->publish(message.host, grant.fingerprint, {&*front, message.request});
  if (!before) {
    log::info("{}: key {}: {}", grant.source, grant.fingerprint, before.error().message);
    return std::unexpected(before.error());
  }
  if (*before)
    if (auto* old = front_of(**before))
      old->link->send(Failed{(*before)->request, Trouble::in_use,
                             fmt::format("{} is published over a newer connection", message.host)});
  front->link->send(Started{message.request, 0});
  return {};
}

std::expected<bool, Refusal> Worker::visit(FrontPosition front, const Dial& message,
                                           const Grant& grant) {
  if (message.reach != Reach::tcp || message.port != kPublishedPort) return false;
  auto name = lower(message.host);
  auto line = published_->find(name);
  auto* publisher = line ? front_of(*line) : nullptr;
  if (publisher == nullptr) {
    if (!published_->belongs_to_somebody(name)) return false;
    return refuse(Trouble::unreachable,
                  fmt::format("{} is published here, but is not connected now", name));
  }
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return refuse(errno == EMFILE || errno == ENFILE ? Trouble::busy : Trouble::internal,
                  errno_error("cannot make a socket", errno).message);
  UniqueFd ours(ends[0]);
  std::vector<UniqueFd> its;
  its.emplace_back(ends[1]);
  publisher->link->send(Visited{line->request, grant.source}, std::move(its));
  hand_over(front, message.request, std::move(ours));
  return true;
}

// ---- what fronts ask for -----------------------------------------------------------------------

void Worker::hand_over(FrontPosition front, RequestId request, UniqueFd socket) {
  std::vector<UniqueFd> one;
  one.push_back(std::move(socket));
  front->link->send(Started{request, 0}, std::move(one));
}

void Worker::on(FrontPosition front, const FetchTunnel& message) {
  refuse_unless(front, message.request, fetch(front, message));
}

void Worker::on(FrontPosition front, const Dial& message) {
  refuse_unless(front, message.request, dial(front, message));
}

void Worker::on(FrontPosition front, const Listen& message) {
  refuse_unless(front, message.request, listen(front, message));
}

}  // namespace nigh::server
