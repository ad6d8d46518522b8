// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace nigh::server {

// `nigh serve`: what the command line said. Empty: as the configuration file says, or the default.
struct ServeOptions {
  std::vector<std::string> listen;
  std::vector<std::string> publish;
  std::string config_file;
  std::string authorized_keys;
  std::string host_key;
  bool check = false;
  std::string log_level;
};

// Serves until told to stop by a signal. The exit status: 0, or 1 after one line on standard error
// that says what is wrong.
int serve_main(const ServeOptions& options);

}  // namespace nigh::server
