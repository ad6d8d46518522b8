// SPDX-License-Identifier: Apache-2.0
// How a keeper ends.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.hpp"
#include "server/keeper/keeper.hpp"
#include "server/link/publication.hpp"
#include "wire/message.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kDrainGrace = 2s;  // for the fronts to end by themselves after the limit

}  // namespace

void Keeper::on_signal() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (drain_until_)
      drain_until_ = SteadyClock::now();  // asked twice: at once
    else
      begin_drain();
  }
}

void Keeper::begin_drain() {
  log::info("no new connections; what runs may finish within {} s", config_.drain.count());
  listeners_.clear();
  drain_until_ = SteadyClock::now() + config_.drain + kDrainGrace;
  for (FrontId id = 0; id < fronts_.size(); ++id)
    to_front(id, Drain{static_cast<std::uint32_t>(config_.drain.count())}, {});
  if (publisher_.running()) publisher_.link().send(wire::encode(ToPublisher(StopPublishing())));
}

bool Keeper::drained() const {
  if (!drain_until_) return false;
  return SteadyClock::now() >= *drain_until_ ||
         std::ranges::none_of(fronts_, &RoleProcess::running);
}

void Keeper::stop_all() {
  for (auto& front : fronts_)
    if (front.running()) front.ended(SteadyClock::now());
  // It passes on what fronts said last.
  if (publisher_.running()) {
    pollfd publisher{publisher_.link().fd(), POLLIN, 0};
    ::poll(&publisher, 1, 2000);
    publisher_.ended(SteadyClock::now());
  }
  // The worker ends its processes' lives politely, then its own: wait for that, but not for ever.
  to_worker(StopWorker());
  if (worker_.running()) {
    pollfd worker{worker_.link().fd(), POLLIN, 0};
    ::poll(&worker, 1, 5000);
    worker_.ended(SteadyClock::now());
  }
}

}  // namespace nigh::server
