// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/link/async_link.hpp"
#include "server/link/holder_messages.hpp"

namespace nigh::server {

// One question to a holder, and its answer. `on_answer` comes once, from the loop, and may destroy
// the call; destroyed before, it never comes. Errc::timeout, or what the link says.
class HolderCall {
 public:
  using OnAnswer = std::function<void(Result<FromHolder>)>;
  HolderCall(const asio::any_io_executor& executor, UniqueFd link, OnAnswer on_answer);

  void ask(const ToHolder& question, std::vector<UniqueFd> descriptors = {}) {
    link_.send(question, std::move(descriptors));
  }
  void limit(std::chrono::seconds time);

 private:
  void end(Result<FromHolder> answer);

  OnAnswer on_answer_;
  AsyncLink<FromHolder, ToHolder> link_;
  asio::steady_timer limit_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace nigh::server
