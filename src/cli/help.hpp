// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "cli/style.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

// Help as text for a terminal of `columns`; below 60 explanations go under what they explain.
std::string overview(std::size_t columns, const Style& style);  // `nigh` alone
std::string help_for(const Usage& usage, std::size_t columns, const Style& style);

}  // namespace nigh::cli
