// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/transfer_arguments.hpp"

namespace nigh::cli {

// Does what `nigh cp` and `nigh sync` are asked for; the exit status. Throws Failure.
int run_transfer(const TransferArguments& arguments);

}  // namespace nigh::cli
