// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"

namespace nigh::cli {

// `nigh serve` as typed. Empty: not given, so that the configuration file decides.
struct ServeArguments {
  bool help = false;
  std::vector<std::string> listen;
  std::vector<std::string> publish;
  std::string config_file;
  std::string authorized_keys;
  std::string host_key;
  bool check = false;
  std::string log_level;
};

Result<ServeArguments> parse_serve(const Arguments& arguments);

}  // namespace nigh::cli
