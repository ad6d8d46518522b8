// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh du` as typed.
struct DuArguments : FileArguments {
  bool per_folder = false;  // -d 1
  bool human = false;       // -h
  bool apparent = false;    // -b: sizes of files, not what they take on disk
};

Result<DuArguments> parse_du(const Arguments& arguments);

}  // namespace nigh::cli
