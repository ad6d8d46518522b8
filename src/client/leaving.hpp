// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "client/connection.hpp"

namespace nigh::client {

// The connections of one event loop, so that who is about to end it can tell their servers. What it
// names, it does not keep.
class LoopConnections final : public asio::execution_context::service {
 public:
  using key_type = LoopConnections;
  static asio::execution_context::id id;

  explicit LoopConnections(asio::execution_context& loop) : service(loop) {}
  static LoopConnections& of(const asio::any_io_executor& executor);

  void add(const std::shared_ptr<Connection>& connection);
  std::vector<std::shared_ptr<Connection>> all() const;

 private:
  void shutdown() override {}

  std::vector<std::weak_ptr<Connection>> connections_;
};

// This is how a client leaves: the servers that would keep something for it (Connection::keeps())
// are told that it will not come back, and so are those that are reached over others; they have
// heard it when this returns. It waits for no more than a few seconds. What goes over those
// connections is broken off.
awaitable<void> leave();

}  // namespace nigh::client
