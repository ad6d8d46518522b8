// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh cat` as typed.
struct CatArguments {
  bool help = false;
  std::vector<FilePath> paths;
  ConnectArguments connect;
};

Result<CatArguments> parse_cat(const Arguments& arguments);

}  // namespace nigh::cli
