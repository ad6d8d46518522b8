// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh ls` as typed.
struct LsArguments : FileArguments {
  bool details = false;      // -l
  bool all = false;          // -a: names that begin with a dot too
  bool recursive = false;    // -R
  bool by_time = false;      // -t: newest first
  bool by_size = false;      // -S: largest first
  bool reverse = false;      // -r
  bool directories = false;  // -d: themselves, not what they hold
  bool human = false;        // -h
  bool single = false;       // -1: one a line also on a terminal
};

Result<LsArguments> parse_ls(const Arguments& arguments);

}  // namespace nigh::cli
