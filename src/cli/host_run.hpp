// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "cli/outcome.hpp"
#include "cli/run_arguments.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

// Takes the output of a process that has just started; returns how it ended.
using Consumer = std::function<async::awaitable<ExitStatus>(async::Process&)>;

// Runs the command on outcome.host and fills the rest of `outcome`. A failure becomes part of it
// and is told on standard error; so is an interrupt that came before the command began. All that
// is referred to must outlive the coroutine.
async::awaitable<void> run_on_host(Supervisor& supervisor, const RunArguments& arguments,
                                   const Consumer& consume, Outcome& outcome);

}  // namespace nigh::cli
