// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh mv` as typed; `paths` are the sources.
struct MvArguments : FileArguments {
  FilePath destination;
  bool keep = false;  // -n: what is there already stays
};

// Errc::usage also if not all paths are of one host.
Result<MvArguments> parse_mv(const Arguments& arguments);

}  // namespace nigh::cli
