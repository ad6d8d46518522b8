// SPDX-License-Identifier: Apache-2.0
// A running ssh-agent, reached through its socket.
#pragma once

#include <string>
#include <vector>

#include "io/asio.hpp"
#include "ssh/agent.hpp"

namespace nigh::client {

// Each throws Failure: Errc::unavailable (no agent there), Errc::timeout, Errc::refused, …

using AgentSocket = asio::local::stream_protocol::socket;
awaitable<AgentSocket> connect_to_agent(std::string socket_path);

// Errc::timeout after a few seconds: an agent answers this without asking anybody.
awaitable<std::vector<ssh::AgentKey>> list_agent_keys(std::string socket_path);

// The SSH signature of `data`. Waits up to a minute: the agent may ask a person to confirm.
awaitable<std::string> sign_with_agent(std::string socket_path, ssh::PublicKey key,
                                       std::string data);

}  // namespace nigh::client
