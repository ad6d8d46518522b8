// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <vector>

namespace nigh::cli {

// Runs all of `tasks` at once and waits for them. The first failure cancels the others and is
// thrown.
async::awaitable<void> run_together(std::vector<async::awaitable<void>> tasks);

}  // namespace nigh::cli
