// SPDX-License-Identifier: Apache-2.0
#include "client/leaving.hpp"

#include <chrono>
#include <ranges>
#include <utility>

namespace nigh::client {
namespace {

// With servers that do not answer.
constexpr auto kPatience = std::chrono::seconds(1);

}  // namespace

asio::execution_context::id LoopConnections::id;

LoopConnections& LoopConnections::of(const asio::any_io_executor& executor) {
  return asio::use_service<LoopConnections>(asio::query(executor, asio::execution::context));
}

void LoopConnections::add(const std::shared_ptr<Connection>& connection) {
  std::erase_if(connections_, [](const auto& one) { return one.expired(); });
  connections_.push_back(connection);
}

std::vector<std::shared_ptr<Connection>> LoopConnections::all() const {
  std::vector<std::shared_ptr<Connection>> found;
  for (const auto& one : connections_)
    if (auto connection = one.lock()) found.push_back(std::move(connection));
  return found;
}

namespace {

awaitable<void> leave_each(std::vector<std::shared_ptr<Connection>> connections) {
  // The last first: it may go through others.
  for (auto& one : connections | std::views::reverse) {
    if (!one->keeps()) continue;
    one->leave();
    co_await one->until_over();
  }
}

}  // namespace

awaitable<void> leave() {
  auto executor = co_await asio::this_coro::executor;
  auto connections = LoopConnections::of(executor).all();
  // To a server that is reached over others any end is a loss, unless it is told. Those that carry
  // others end after them.
  auto& ways = LoopWays::of(executor);
  for (const auto& one : connections)
    if (is_indirect(one->endpoint()) && !ways.lead_over(*one)) one->close();
  auto all = leave_each(std::move(connections));
  try {
    co_await io::with_timeout(std::move(all), kPatience, "");
  } catch (const Failure& failure) {
    if (failure.code() != Errc::timeout) throw;
  }
  co_await ways.until_arrived();
}

}  // namespace nigh::client
