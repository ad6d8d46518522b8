// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh stat` as typed.
struct StatArguments : FileArguments {};

Result<StatArguments> parse_stat(const Arguments& arguments);

}  // namespace nigh::cli
