// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <string>

#include "cli/agent_option.hpp"

namespace nigh::cli {

// Lets `command` find the agent, if it is to; where that cannot be done it goes without, and who
// asked for it on the command line is told why. What is returned must stay alive as long as the
// command runs. `command` must outlive the coroutine.
async::awaitable<async::Forwarding> forward_agent(async::Host host, std::string name,
                                                  AgentOption option, Command& command);

}  // namespace nigh::cli
