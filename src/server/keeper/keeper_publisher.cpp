// SPDX-License-Identifier: Apache-2.0
// The keeper and the process that holds its lines to relays: what comes over them is a connection
// like one that was accepted.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "server/keeper/keeper.hpp"
#include "server/link/publication.hpp"
#include "wire/message.hpp"

namespace nigh::server {

using SteadyClock = std::chrono::steady_clock;

Result<void> Keeper::start_publisher() {
  if (auto started = publisher_.start(SteadyClock::now()); !started) return started;
  publisher_.link().send(wire::encode(ToPublisher(Publish{config_.publish})));
  return {};
}

void Keeper::came_over(Packet packet) {
  auto message = unwrap(wire::decode<FromPublisher>(packet.bytes));
  const auto& source = std::get<CameOver>(message).source;
  if (packet.descriptors.size() != 1 || !is_relay_source(source))
    throw Failure(Errc::malformed, "a publisher says what it does not");
  if (drain_until_ || std::ranges::none_of(fronts_, &RoleProcess::running)) return;
  core_.accepted(std::move(packet.descriptors[0]), source, 0, choose_front(), SteadyClock::now());
}

void Keeper::on_publisher() {
  (void)publisher_.link().flush();
  try {
    while (auto packet = unwrap(publisher_.link().receive())) came_over(*std::move(packet));
  } catch (const Failure&) {
    if (!drain_until_) log::error("the publisher has died; starting another");
    publisher_.ended(SteadyClock::now());
  }
}

}  // namespace nigh::server
