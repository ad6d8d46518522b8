// SPDX-License-Identifier: Apache-2.0
#include "client/way.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/connect.hpp"
#include "client/dial.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kLastBytes = 3s;

awaitable<Way> dial_directly(Endpoint endpoint, Progress progress, io::Duration limit) {
  const auto begin = std::chrono::steady_clock::now();
  auto addresses = co_await look_up_within(endpoint, limit);
  progress.step("{} has {} address{}", endpoint.host, addresses.size(),
                addresses.size() == 1 ? "" : "es");
  DialOptions options;
  options.limit =
      std::max(limit - (std::chrono::steady_clock::now() - begin), io::Duration::zero());
  co_return Way{co_await dial(endpoint.address(), std::move(addresses), options), nullptr};
}

}  // namespace

awaitable<void> Passenger::until_forgotten() {
  while (!gone_) co_await changed_.wait();
  asio::steady_timer timer(co_await asio::this_coro::executor, kLastBytes);
  co_await timer.async_wait(asio::use_awaitable);
}

awaitable<void> Passenger::until_arrived() {
  while (!arrived_) co_await changed_.wait();
}

asio::execution_context::id LoopWays::id;

LoopWays& LoopWays::of(const asio::any_io_executor& executor) {
  return asio::use_service<LoopWays>(asio::query(executor, asio::execution::context));
}

void LoopWays::add(const std::shared_ptr<Passenger>& passenger, const Connection* over) {
  std::erase_if(ways_, [](const One& one) { return one.passenger.expired(); });
  ways_.push_back({passenger, over});
}

bool LoopWays::lead_over(const Connection& connection) const {
  return std::ranges::any_of(
      ways_, [&](const One& one) { return one.over == &connection && !one.passenger.expired(); });
}

awaitable<void> LoopWays::until_arrived() {
  std::erase_if(ways_, [](const One& one) { return one.passenger.expired(); });
  if (ways_.empty()) co_return;
  auto all = [](std::vector<One> ways) -> awaitable<void> {
    for (const auto& one : ways)
      if (auto passenger = one.passenger.lock()) co_await passenger->until_arrived();
  };
  try {
    auto task = all(ways_);
    co_await io::with_timeout(std::move(task), kLastBytes, "");
  } catch (const Failure& failure) {
    if (failure.code() != Errc::timeout) throw;
  }
}

Ticket ticket_for(std::shared_ptr<Passenger> passenger) {
  auto* raw = passenger.get();
  return {raw, [passenger = std::move(passenger)](void*) { passenger->leave(); }};
}

std::string describe_way(const Endpoint& endpoint) {
  if (!endpoint.proxy_command.empty()) return " through ProxyCommand";
  std::string hops;
  for (auto via = endpoint.via; via; via = via->via)
    hops = hops.empty() ? via->address() : fmt::format("{} and {}", via->address(), hops);
  return hops.empty() ? "" : fmt::format(" through {}", hops);
}

awaitable<Way> open_way(Endpoint endpoint, Confirm confirm, Progress progress, io::Duration limit) {
  if (!endpoint.proxy_command.empty()) {
    progress.step("runs the ProxyCommand {}", printable(endpoint.proxy_command));
    co_return co_await run_proxy_command(std::move(endpoint));
  }
  if (endpoint.via)
    co_return co_await jump(std::move(endpoint), std::move(confirm), std::move(progress), limit);
  co_return co_await dial_directly(std::move(endpoint), std::move(progress), limit);
}

}  // namespace nigh::client
