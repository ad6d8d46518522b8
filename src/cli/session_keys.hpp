// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/escape_keys.hpp"
#include "cli/wake.hpp"

namespace nigh::cli {

// What a person types, from standard input to a session; some of it is for nigh. Reading goes on
// while the host takes nothing, so that the escape keys work then too.
class SessionKeys {
 public:
  using OnAction = std::function<void(EscapeKeys::Action)>;
  SessionKeys(std::optional<char> escape, OnAction on_action)
      : escape_(escape), on_action_(std::move(on_action)) {}

  // Returns when the terminal is gone. Standard input must be one.
  async::awaitable<void> read();
  // Sends what was read, as long as it is let; with null it goes nowhere.
  async::awaitable<void> send(async::Process* process);

 private:
  void typed(std::string_view bytes);

  EscapeKeys escape_;
  OnAction on_action_;
  std::string waiting_;
  Wake changed_;
};

}  // namespace nigh::cli
