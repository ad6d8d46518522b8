// SPDX-License-Identifier: Apache-2.0
#include "server/publish/relay_line.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <random>
#include <utility>

#include "base/log.hpp"
#include "client/connect.hpp"
#include "client/socket_pump.hpp"
#include "client/tunnel_stream.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using client::InwardListener;

constexpr auto kAnswerLimit = 15s;
constexpr auto kHopelessPause = 60s;  // somebody has to change something first
// Whoever says nothing for so long is asked, which also keeps what translates addresses on the way
// from forgetting us, and has so long to answer.
constexpr auto kQuiet = 15s;
constexpr auto kPatience = 10s;
// A relay whose worker has just died refuses everybody.
constexpr int kBelievedRefusals = 2;

double chance() {
  static std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>()(engine);
}

// The relay would say the same to another attempt: the name is not ours, or not a name.
bool is_final(int status) { return (status / 100 == 4 && status != 401) || status == 503; }

}  // namespace

// A connection to the relay, open as long as somebody uses it.
struct RelayLine::Use {
  explicit Use(std::shared_ptr<client::Connection> made) : connection(std::move(made)) {}
  ~Use() { connection->close(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  std::shared_ptr<client::Connection> connection;
};

struct RelayLine::Visit {
  explicit Visit(Self whose) : line(std::move(whose)) { ++line->visitors_; }
  ~Visit() {
    --line->visitors_;
    line->events_.on_left();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  Self line;
};

RelayLine::RelayLine(const asio::any_io_executor& executor, Publication publication, Events events)
    : executor_(executor),
      publication_(std::move(publication)),
      events_(std::move(events)),
      pace_(chance),
      tasks_(executor) {}

// ---- the line ----------------------------------------------------------------------------------

awaitable<void> RelayLine::run(Self self) {
  asio::steady_timer pause(self->executor_);
  for (;;) {
    self->pace_.tried(Clock::now());
    Error why{Errc::closed, ""};
    try {
      co_await self->attempt();
    } catch (const std::exception&) {
      why = io::to_error(std::current_exception());
    }
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    pause.expires_at(self->failed(why));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

client::RetryPace::Time RelayLine::failed(const Error& error) {
  const auto& [name, relay] = publication_;
  const auto now = Clock::now();
  refusals_ = error.code == Errc::refused ? refusals_ + 1 : 0;
  const bool hopeless = std::exchange(hopeless_, false) || refusals_ >= kBelievedRefusals;
  if (std::exchange(published_, false)) {
    log::warning("lost {} at {}: {}; retrying", name, relay, error.message);
    pace_.begin(now);
  } else if (error.message != told_) {
    log::warning("cannot publish {} at {}: {}; retrying", name, relay, error.message);
    told_ = error.message;
  }
  if (!hopeless) return pace_.next();
  return now + std::chrono::duration_cast<Clock::duration>(kHopelessPause * (0.75 + chance() / 2));
}

awaitable<void> RelayLine::attempt() {
  // Everything about the relay is read anew each time: it may have moved.
  auto connection = co_await client::connect(publication_.relay, {});
  co_await serve(std::make_shared<Use>(std::move(connection)));
}

awaitable<void> RelayLine::serve(std::shared_ptr<Use> use) {
  InwardListener listener(use->connection);
  try {
    co_await io::with_timeout(listener.publish(publication_.name), kAnswerLimit,
                              "the relay has not answered in time");
    published_ = true;
    told_.clear();
    refusals_ = 0;
    log::info("published as {} at {}", publication_.name, publication_.relay);
    co_await io::until_either(receive(listener, use), until_doubtful(use));
  } catch (const Failure&) {
    hopeless_ = is_final(listener.status()) || listener.superseded();
    throw;
  }
}

// Who came over a connection of which there are doubts keeps it: another is made beside it.
awaitable<void> RelayLine::until_doubtful(std::shared_ptr<Use> use) {
  auto& connection = *use->connection;
  asio::steady_timer timer(connection.executor());
  for (;;) {
    const auto heard = connection.last_heard();
    const auto quiet = Clock::now() - heard;
    if (quiet >= kQuiet + kPatience)
      throw Failure(Errc::unavailable, "the relay does not answer any more");
    if (quiet >= kQuiet) connection.ping();
    timer.expires_at(heard + (quiet >= kQuiet ? kQuiet + kPatience : kQuiet));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// ---- who comes ---------------------------------------------------------------------------------

awaitable<void> RelayLine::receive(InwardListener& listener, std::shared_ptr<Use> use) {
  for (;;) {
    auto who = co_await listener.next();
    if (visitors_ < kMaxVisitors)  // else the relay will tire of it
      tasks_.begin(carry(shared_from_this(), use, std::move(who)));
  }
}

awaitable<void> RelayLine::carry(Self self, std::shared_ptr<Use> use,
                                 InwardListener::Accepted who) {
  Visit visit(self);
  auto source = relay_source(self->publication_.relay, who.peer);
  try {
    client::TunnelStream stream(use->connection);
    co_await stream.open(client::tunnel_accepted(*use->connection, who.id));
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
      throw Failure(errno_error("cannot make a socket", errno));
    UniqueFd ours(ends[0]);
    self->events_.on_visitor(source, UniqueFd(ends[1]));
    client::SocketPump pump(stream, std::move(ours));
    co_await pump.run();
  } catch (const std::exception&) {
    log::debug("{}: {}", source, io::to_error(std::current_exception()).message);
  }
}

}  // namespace nigh::server
