// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/transfer_arguments.hpp"

namespace nigh::cli {

// What --direct runs on the first host. `sources` are paths of that host.
Arguments direct_words(const TransferArguments& arguments, const std::vector<std::string>& sources);

}  // namespace nigh::cli
