// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include "cli/supervisor.hpp"
#include "cli/transfer_arguments.hpp"

namespace nigh::cli {

// `nigh cp - HOST:FILE`: standard input becomes a file, which has its name only when it is
// complete; one that was there keeps its mode. Returns the exit status; throws Failure.
async::awaitable<int> copy_input(Supervisor& supervisor, const TransferArguments& arguments);

// `nigh cp HOST:FILE... -`: files to standard output, one after the other.
async::awaitable<int> copy_to_output(Supervisor& supervisor, const TransferArguments& arguments);

}  // namespace nigh::cli
