// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace nigh::ssh {

inline constexpr std::uint8_t kAgentExtension = 27;
inline constexpr std::string_view kSessionBind = "session-bind@openssh.com";

// Between a program on another host and the ssh-agent here: lets keys be listed and used, and
// nothing else. Who would add keys, remove them or lock the agent is answered with a failure, and
// the agent hears nothing of it. Pure: who owns the sockets writes what to_agent() and to_program()
// give, and passes on what comes.
//
// One request at a time: what the program sends behind it waits.
class AgentFilter {
 public:
  // `binding`: a session-bind request, which goes to the agent first; empty: there is none. An
  // agent that does not take it is used without, but then no other binding is passed on: what a
  // program binds first would stand for this machine.
  explicit AgentFilter(std::string binding = {});

  // Errc::malformed, Errc::too_large: the connection is worthless.
  Result<void> from_program(std::string_view bytes);
  Result<void> from_agent(std::string_view bytes);

  // What is to be written. Given once.
  std::string to_agent() { return std::exchange(to_agent_, {}); }
  std::string to_program() { return std::exchange(to_program_, {}); }

  // The agent has a request. Nothing need be read from the program until it has answered.
  bool waits_for_agent() const { return waits_for_ != WaitsFor::nothing; }
  bool bound() const { return bound_; }

 private:
  enum class WaitsFor { nothing, binding, answer };
  Result<void> go_on();
  bool may(std::string_view request) const;
  bool may_extend(std::string_view rest) const;

  std::string program_;  // that has not been looked at
  std::string agent_;
  std::string to_agent_;
  std::string to_program_;
  WaitsFor waits_for_ = WaitsFor::nothing;
  bool bound_ = false;
};

}  // namespace nigh::ssh
