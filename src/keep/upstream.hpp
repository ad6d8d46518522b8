// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "client/connection.hpp"
#include "keep/backlog.hpp"

namespace nigh::keep {

// The connection that is kept, as those who relay streams over it share it.
struct Upstream {
  explicit Upstream(std::shared_ptr<client::Connection> kept) : connection(std::move(kept)) {}

  static constexpr std::size_t kMaxBacklog = 128 << 20;

  std::shared_ptr<client::Connection> connection;
  Backlog backlog{kMaxBacklog};
  std::function<void()> on_sent = [] {};
  // It serves nobody any more: the server takes no request, or does not know us.
  std::function<void()> on_useless = [] {};
};

}  // namespace nigh::keep
