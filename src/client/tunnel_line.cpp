// SPDX-License-Identifier: Apache-2.0
#include "client/tunnel_line.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "client/alarm.hpp"
#include "client/connect.hpp"
#include "client/request.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A doubt that passes sooner is not told.
constexpr auto kTellAfter = 1s;
// How often it is looked whether a connection that is in doubt has come to life.
constexpr auto kGlance = 50ms;

double chance() {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>()(engine);
}

// Open as long as somebody holds it.
std::shared_ptr<const void> owner_of(const std::shared_ptr<Connection>& connection) {
  return {connection.get(), [connection](const void*) { connection->close(); }};
}

}  // namespace

TunnelLine::TunnelLine(std::shared_ptr<Connection> connection, std::shared_ptr<const void> owner,
                       Events events)
    : connection_(std::move(connection)),
      owner_(std::move(owner)),
      events_(std::move(events)),
      executor_(connection_->executor()),
      changed_(executor_),
      pace_(chance),
      alarm_(executor_),
      watch_(Clock::now()) {}

awaitable<std::shared_ptr<Connection>> TunnelLine::connection() {
  while (connection_->ending() || connection_ == stale_) co_await changed_.wait();
  co_return connection_;
}

void TunnelLine::replace(const std::shared_ptr<Connection>& connection) {
  stale_ = connection;
  changed_.notify_all();
}

awaitable<void> TunnelLine::until_stale() {
  while (connection_ != stale_) co_await changed_.wait();
}

void TunnelLine::sent() {
  watch_.heard(connection_->last_heard());
  if (watch_.sent(Clock::now()) < alarm_.expiry()) alarm_.cancel();
}

// Of one that another process keeps, that process sees to this.
awaitable<void> TunnelLine::until_doubtful() {
  for (;;) {
    if (connection_->is_kept() || connection_->ending()) {
      co_await sleep_until(alarm_, ContactWatch::Time::max());
      continue;
    }
    watch_.heard(connection_->last_heard());
    watch_.happened(connection_->last_happened());
    auto verdict = watch_.look(Clock::now(), connection_->tcp());
    if (verdict.ping) connection_->ping();
    if (verdict.doubtful) {
      doubtful_ = true;
      why_ = fmt::format("{}: {}", connection_->endpoint().address(), verdict.reason);
      co_return;
    }
    co_await sleep_until(alarm_, verdict.again);
  }
}

bool TunnelLine::has_recovered() {
  if (!doubtful_ || connection_->ending()) return false;
  watch_.heard(connection_->last_heard());
  return watch_.recovered(Clock::now(), connection_->tcp());
}

awaitable<void> TunnelLine::until_useless() {
  doubtful_ = false;
  watch_ = ContactWatch(Clock::now());
  why_ = fmt::format("{} ends", connection_->endpoint().address());
  co_await io::until_either(connection_->until_ending(),
                            io::until_either(until_stale(), until_doubtful()));
  if (const auto& failure = connection_->failure()) why_ = failure->message;
  since_ = Clock::now();
}

awaitable<void> TunnelLine::run() {
  network_.emplace(executor_, [this](io::NetworkWatch::Event) {
    watch_.hint(Clock::now());
    pace_.hurry(Clock::now());
    alarm_.cancel();
  });
  for (;;) {
    co_await until_useless();
    if (!doubtful_) tell_lost();
    co_await renew();
    if (std::exchange(told_lost_, false) && events_.on_back) events_.on_back();
  }
}

void TunnelLine::tell_lost() {
  if (!std::exchange(told_lost_, true) && events_.on_lost) events_.on_lost(why_);
}

awaitable<void> TunnelLine::renew() {
  pace_.begin(Clock::now());
  for (;;) {
    auto connection = co_await dial();
    if (!connection) co_return;  // the one that there is has come to life
    auto owner = owner_of(connection);
    start_pump(connection);
    try {
      co_await fetch(*connection, "GET", "/v1/");  // it knows us
    } catch (const Failure& failure) {
      if (failure.code() == Errc::refused || failure.code() == Errc::cancelled) throw;
      continue;
    }
    stale_.reset();
    auto old = std::exchange(connection_, std::move(connection));
    auto old_owner = std::exchange(owner_, std::move(owner));
    if (doubtful_)
      old->give_up({Errc::closed, why_});  // what it carried goes on over this one
    else if (!old->failure())
      // What goes over one whose server ends has the time that the server gives it.
      io::spawn_logged(executor_, "tunnels", retire(std::move(old), std::move(old_owner)));
    changed_.notify_all();
    if (doubtful_ && events_.on_given_up) events_.on_given_up();
    co_return;
  }
}

// nullptr: there is no need any more.
awaitable<std::shared_ptr<Connection>> TunnelLine::dial() {
  Redial redial(executor_,
                {connection_->endpoint(), connection_->host_fingerprint(), connection_->peer()},
                pace_, [this] { alarm_.cancel(); });
  for (;;) {
    if (has_recovered()) co_return nullptr;
    if (auto connection = redial.take()) co_return connection;
    auto now = Clock::now();
    if (now - since_ >= kTellAfter) tell_lost();
    auto next = redial.run(now);
    co_await sleep_until(
        alarm_, doubtful_ && !connection_->ending() ? std::min(next, now + kGlance) : next);
  }
}

awaitable<void> TunnelLine::retire(std::shared_ptr<Connection> old,
                                   std::shared_ptr<const void> owner) {
  co_await old->until_over();
  owner.reset();
}

}  // namespace nigh::client
