// SPDX-License-Identifier: Apache-2.0
#include "client/tunnel_line.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "client/connect.hpp"
#include "client/request.hpp"

namespace nigh::client {
namespace {

using Clock = std::chrono::steady_clock;

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
      alarm_(executor_) {}

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

awaitable<void> TunnelLine::run() {
  for (;;) {
    co_await io::until_either(connection_->until_ending(), until_stale());
    const auto& failure = connection_->failure();
    if (events_.on_lost)
      events_.on_lost(failure ? failure->message
                              : fmt::format("{} ends", connection_->endpoint().address()));
    co_await renew();
    if (events_.on_back) events_.on_back();
  }
}

awaitable<void> TunnelLine::renew() {
  pace_.begin(Clock::now());
  for (;;) {
    auto connection = co_await dial();
    auto owner = owner_of(connection);
    start_pump(connection);
    try {
      co_await fetch(*connection, "GET", "/v1/");  // it knows us
    } catch (const Failure& failure) {
      if (failure.code() == Errc::refused || failure.code() == Errc::cancelled) throw;
      continue;
    }
    // What goes over one whose server ends has the time that the server gives it.
    if (!connection_->failure())
      io::spawn_logged(executor_, "tunnels", retire(connection_, std::move(owner_)));
    stale_.reset();
    connection_ = std::move(connection);
    owner_ = std::move(owner);
    changed_.notify_all();
    co_return;
  }
}

awaitable<void> TunnelLine::retire(std::shared_ptr<Connection> old,
                                   std::shared_ptr<const void> owner) {
  co_await old->until_over();
  owner.reset();
}

awaitable<std::shared_ptr<Connection>> TunnelLine::dial() {
  Redial redial(executor_,
                {connection_->endpoint(), connection_->host_fingerprint(), connection_->peer()},
                pace_, [this] { alarm_.cancel(); });
  for (;;) {
    if (auto connection = redial.take()) co_return connection;
    alarm_.expires_at(redial.run(Clock::now()));
    boost::system::error_code woken;
    co_await alarm_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw Failure(Errc::cancelled, "cancelled");
  }
}

}  // namespace nigh::client
