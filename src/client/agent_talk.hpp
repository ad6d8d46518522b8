// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/tunnel_pipe.hpp"

namespace nigh::client {

// Throws Errc::unavailable if no agent is there.
awaitable<void> check_agent(std::string socket_path);

// Serves a program on a host with the agent here, as ssh::AgentFilter lets it, until the program
// has no more to ask. `binding` is the filter's. Throws Errc::unavailable: the agent is gone. What
// is referred to must outlive the coroutine.
awaitable<void> serve_agent(TunnelPipe& program, std::string socket_path, std::string binding);

}  // namespace nigh::client
