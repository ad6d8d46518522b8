// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include "cli/supervisor.hpp"

namespace nigh::cli {

// Runs `work` until it ends or the first signal comes, which cancels it and is put into `signal`;
// then whatever `work` throws is not its failure. The second signal ends nigh. All that is referred
// to must outlive the coroutine.
async::awaitable<void> until_signal(Supervisor& supervisor, int& signal,
                                    async::awaitable<void> work);

}  // namespace nigh::cli
