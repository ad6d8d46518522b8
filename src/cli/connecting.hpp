// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <string>

#include "cli/connect_arguments.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

// What the arguments say, with -v's lines; asks nobody about unknown hosts.
ConnectOptions connect_options(const std::string& host, const ConnectArguments& arguments);

// Connects, asking at the terminal about an unknown host. Throws Failure; an unknown host that
// nobody accepted is refused with words on how to go on. `supervisor` must outlive the coroutine.
async::awaitable<async::Host> connect(Supervisor& supervisor, std::string host,
                                      ConnectArguments arguments);

}  // namespace nigh::cli
