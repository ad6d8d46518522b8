// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include "cli/supervisor.hpp"
#include "cli/transfer_arguments.hpp"

namespace nigh::cli {

// --direct: has the first host's own nigh copy to the second, with that host's keys. Returns its
// exit status.
async::awaitable<int> transfer_directly(Supervisor& supervisor, const TransferArguments& arguments);

}  // namespace nigh::cli
