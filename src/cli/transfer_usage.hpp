// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/transfer_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

// What the descriptions of cp and sync have in common.
const std::vector<ExitStatusNote>& transfer_exits();
// For Usage::add_options.
void show_cp_options(CLI::App& app);
void show_sync_options(CLI::App& app);

}  // namespace nigh::cli
