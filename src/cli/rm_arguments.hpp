// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh rm` as typed.
struct RmArguments : FileArguments {
  bool recursive = false;
  bool force = false;  // -f: what is not there is no failure
};

// Errc::usage also for what nobody means to remove: a root, a home, "." and "..".
Result<RmArguments> parse_rm(const Arguments& arguments);

}  // namespace nigh::cli
