// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

namespace nigh::cli {

// Starts a session that nobody is attached to, and prints its id. `command` has keep.
async::awaitable<int> start_kept(async::Host host, Command command);

}  // namespace nigh::cli
