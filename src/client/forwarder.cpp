// SPDX-License-Identifier: Apache-2.0
#include "client/forwarder.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "client/forwarder_parts.hpp"
#include "client/proxy_talk.hpp"
#include "client/request.hpp"
#include "client/resumable_tunnel.hpp"
#include "client/socket_pump.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using tunnel::Direction;

// A server that has lost us may still hold the port that we had.
constexpr auto kBeforeListeningAgain = 500ms;

ForwardKind kind_of(Direction direction) {
  switch (direction) {
    case Direction::local:
      return ForwardKind::local;
    case Direction::remote:
      return ForwardKind::remote;
    case Direction::dynamic:
      break;
  }
  return ForwardKind::dynamic;
}

}  // namespace

Listening describe(const tunnel::Forward& forward, const tunnel::Address& address) {
  return {.kind = kind_of(forward.direction),
          .udp = forward.udp,
          .address = printable(to_text(address)),
          .target = forward.direction == Direction::dynamic ? "" : to_text(forward.target)};
}

Forwarder::Forwarder(std::shared_ptr<Connection> connection, std::shared_ptr<const void> owner,
                     ForwardEvents events)
    : events_(std::move(events)),
      executor_(connection->executor()),
      line_(std::move(connection), std::move(owner),
            {.on_lost =
                 [this](const std::string& why) {
                   if (events_.on_lost) events_.on_lost(why);
                 },
             .on_back =
                 [this] {
                   if (events_.on_resumed) events_.on_resumed();
                 },
             .on_given_up = [this] { tell_resets_again(); }}),
      tasks_(executor_),
      changed_(executor_) {}

// ---- the whole ---------------------------------------------------------------------------------

awaitable<void> Forwarder::start(std::vector<tunnel::Forward> forwards, bool agent) {
  auto connection = co_await line_.connection();
  co_await fetch(*connection, "GET", "/v1/");  // whether it lets us in
  for (auto& forward : forwards)
    if (forward.direction == Direction::remote)
      co_await start_there(std::move(forward));
    else if (forward.udp)
      co_await start_udp(std::move(forward));
    else
      co_await start_here(std::move(forward));
  if (agent) co_await start_agent();
  tasks_.begin(keep_line(shared_from_this()));
}

void Forwarder::end() {
  if (std::exchange(ended_, true)) return;
  events_ = {};
  tasks_.end_all();
  changed_.notify_all();
}

awaitable<void> Forwarder::wait() {
  while (!ended_ && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

void Forwarder::fail(const Error& error) {
  if (error.code == Errc::cancelled) return;  // end()
  if (!failure_) failure_ = error;
  changed_.notify_all();
}

awaitable<void> Forwarder::keep_line(Self self) {
  try {
    co_await self->line_.run();
  } catch (const std::exception&) {
    self->fail(io::to_error(std::current_exception()));
  }
}

Forwarder::Visit Forwarder::visit(const Listening& by, std::string peer) {
  Visit visit;
  visit.connection = {.number = ++visits_,
                      .by = by,
                      .peer = std::move(peer),
                      .target = by.target,
                      .sent = 0,
                      .received = 0};
  return visit;
}

void Forwarder::tell_failed(const Visit& visit, const std::exception_ptr& why) {
  auto error = io::to_error(why);
  if (!ended_ && events_.on_failed) events_.on_failed(visit.connection, error);
}

namespace {

// Tells what went through, however that ends.
struct Count {
  TunnelEnd& tunnel;
  ForwardedConnection& connection;
  ~Count() {
    bool outward = connection.by.kind != ForwardKind::remote;
    connection.sent = outward ? tunnel.sent() : tunnel.received();
    connection.received = outward ? tunnel.received() : tunnel.sent();
  }
};

}  // namespace

// What goes through an open tunnel, to its end.
awaitable<void> Forwarder::pump(std::unique_ptr<TunnelStream> stream, UniqueFd socket,
                                std::string first, Visit& visit) {
  if (events_.on_opened) events_.on_opened(visit.connection);
  if (stream->id().empty()) {  // a server that keeps no tunnels
    Count count{*stream, visit.connection};
    SocketPump pump(*stream, std::move(socket), std::move(first));
    co_await pump.run();
  } else {
    auto id = stream->id();
    ResumableTunnel tunnel(std::move(stream), line_);
    Count count{tunnel, visit.connection};
    SocketPump pump(tunnel, std::move(socket), std::move(first));
    try {
      co_await io::until_either(pump.run(), tunnel.run());
    } catch (const Failure&) {
      note_reset(std::move(id));
      throw;
    }
  }
  if (events_.on_closed) events_.on_closed(visit.connection);
}

// ---- we listen ---------------------------------------------------------------------------------

awaitable<void> Forwarder::start_here(tunnel::Forward forward) {
  auto listener = co_await LocalListener::open(forward.listen);
  listening_.push_back(describe(forward, listener.address()));
  tasks_.begin(serve_here(shared_from_this(), std::move(forward), std::move(listener)));
}

awaitable<void> Forwarder::serve_here(Self self, tunnel::Forward forward, LocalListener listener) {
  const auto by = describe(forward, listener.address());
  for (;;) {
    auto visitor = co_await listener.accept();
    auto visit = self->visit(by, std::move(visitor.peer));
    self->tasks_.begin(
        forward.direction == Direction::dynamic
            ? carry_for_client(self, std::move(visitor.socket), std::move(visit))
            : carry(self, forward.target, std::move(visitor.socket), std::move(visit)));
  }
}

awaitable<std::unique_ptr<TunnelStream>> Forwarder::open(tunnel::Address target, bool udp) {
  for (;;) {
    auto connection = co_await line_.connection();
    auto stream = std::make_unique<TunnelStream>(connection);
    try {
      co_await stream->open(udp ? tunnel_to_udp(*connection, target.host_port())
                                : resumable(tunnel_to(*connection, target)));
      co_return stream;
    } catch (const Failure& failure) {
      if (stream->status() == 401)
        line_.replace(connection);  // another worker is there
      else if (stream->status() != 0 || !connection->ending() || failure.code() == Errc::cancelled)
        throw;
    }
  }
}

awaitable<void> Forwarder::carry(Self self, tunnel::Address target, UniqueFd socket, Visit visit) {
  try {
    std::unique_ptr<TunnelStream> stream;
    try {
      stream = co_await self->open(std::move(target));
    } catch (...) {
      reset_on_close(socket.get());
      throw;
    }
    co_await self->pump(std::move(stream), std::move(socket), "", visit);
  } catch (const std::exception&) {
    self->tell_failed(visit, std::current_exception());
  }
}

awaitable<void> Forwarder::carry_for_client(Self self, UniqueFd socket, Visit visit) {
  ProxyTalk talk(self->executor_, std::move(socket));
  std::optional<tunnel::Refusal> refused;
  try {
    auto target = co_await talk.target();
    visit.connection.target = to_text(target);
    std::unique_ptr<TunnelStream> stream;
    try {
      stream = co_await self->open({.host = target.host, .port = target.port, .path = ""});
    } catch (const Failure& failure) {
      if (failure.code() == Errc::cancelled) throw;
      const auto* known = dynamic_cast<const TunnelRefused*>(&failure);
      refused = known ? known->why() : tunnel::Refusal::other;
      self->tell_failed(visit, std::current_exception());
    }
    if (refused) co_return co_await talk.refuse(*refused);
    co_await talk.grant();
    auto rest = talk.rest();
    co_await self->pump(std::move(stream), talk.take(), std::move(rest), visit);
  } catch (const std::exception&) {
    if (!refused) self->tell_failed(visit, std::current_exception());
  }
}

// ---- the server listens ------------------------------------------------------------------------

awaitable<void> Forwarder::start_there(tunnel::Forward forward) {
  auto inward = std::make_shared<Inward>();
  inward->forward = std::move(forward);
  inward->listener = std::make_unique<InwardListener>(co_await line_.connection());
  co_await inward->listener->open(inward->forward.listen);
  // The port that there is now should be there again later.
  inward->forward.listen.port = inward->listener->address().port;
  inward->description = describe(inward->forward, inward->listener->address());
  listening_.push_back(inward->description);
  tasks_.begin(serve_there(shared_from_this(), std::move(inward)));
}

awaitable<void> Forwarder::serve_there(Self self, std::shared_ptr<Inward> inward) {
  for (;;) {
    std::optional<InwardListener::Accepted> who;
    std::optional<Error> lost;
    try {
      who = co_await inward->listener->next();
    } catch (const Failure& failure) {
      if (failure.code() == Errc::cancelled) throw;
      lost = failure.error();
    }
    if (lost) {
      co_await self->listen_again(*inward);
      continue;
    }
    auto visit = self->visit(inward->description, std::move(who->peer));
    if (!inward->agent.empty())
      self->tasks_.begin(serve_agent(self, inward->listener->connection(), *std::move(who),
                                     inward->agent, inward->listener->agent_binding(),
                                     std::move(visit)));
    else
      self->tasks_.begin(fetch_accepted(self, inward->listener->connection(), *std::move(who),
                                        inward->forward.target, std::move(visit)));
  }
}

awaitable<void> Forwarder::listen_again(Inward& inward) {
  asio::steady_timer pause(executor_);
  for (;;) {
    auto connection = co_await line_.connection();
    try {
      co_return co_await inward.open(connection);
    } catch (const Failure& failure) {
      if (failure.code() == Errc::cancelled) throw;
      if (inward.listener->status() == 401) {
        line_.replace(connection);
        continue;
      }
      if (inward.listener->status() == 403) {
        fail(failure.error());
        throw;
      }
    }
    pause.expires_after(kBeforeListeningAgain);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

awaitable<void> Forwarder::fetch_accepted(Self self, std::shared_ptr<Connection> connection,
                                          InwardListener::Accepted who, tunnel::Address target,
                                          Visit visit) {
  try {
    UniqueFd socket;
    std::exception_ptr refused;
    try {
      socket = co_await connect_from_here(std::move(target));
    } catch (const Failure&) {
      refused = std::current_exception();
    }
    // Fetched all the same: that is how the other end gets its reset.
    auto stream = std::make_unique<TunnelStream>(connection);
    co_await stream->open(resumable(tunnel_accepted(*connection, who.id)));
    if (refused) std::rethrow_exception(refused);
    co_await self->pump(std::move(stream), std::move(socket), "", visit);
  } catch (const std::exception&) {
    self->tell_failed(visit, std::current_exception());
  }
}

}  // namespace nigh::client
