// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/supervisor.hpp"

namespace nigh::cli {

// Runs `work` to its end. A failure of it is told on standard error, beginning with the host, and
// makes the status `failed`.
int run_for_host(Supervisor& supervisor, const std::string& host, async::awaitable<int> work,
                 int failed = 255);

}  // namespace nigh::cli
