// SPDX-License-Identifier: Apache-2.0
// A Forwarder: tunnels that were reset here, of which the server may not have heard.
#include <utility>

#include "client/forwarder.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A connection over which nothing arrives is given up sooner.
constexpr auto kUncertain = 60s;
constexpr std::size_t kMostUncertain = 1024;

}  // namespace

void Forwarder::note_reset(std::string id) {
  const auto now = Clock::now();
  resets_.push_back({now, std::move(id)});
  while (resets_.size() > kMostUncertain || resets_.front().when < now - kUncertain)
    resets_.pop_front();
}

// The last connection was given up: what went out over it may not have arrived.
void Forwarder::tell_resets_again() {
  const auto now = Clock::now();
  for (auto& reset : std::exchange(resets_, {}))
    if (reset.when >= now - kUncertain)
      tasks_.begin(tell_reset(shared_from_this(), std::move(reset.id)));
}

// The server finds it, or has heard. That we have received nothing is no matter: it ends with the
// stream that goes on with it.
awaitable<void> Forwarder::tell_reset(Self self, std::string id) {
  for (;;) {
    auto connection = co_await self->line_.connection();
    TunnelStream stream(connection);
    try {
      co_await stream.open(tunnel_again(*connection, id, 0));
      co_return;
    } catch (const Failure& failure) {
      const bool lost = stream.status() == 0 && connection->ending();
      if (!lost || failure.code() == Errc::cancelled) throw;
    }
  }
}

}  // namespace nigh::client
