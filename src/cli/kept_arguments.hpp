// SPDX-License-Identifier: Apache-2.0
// The commands about kept connections, as typed.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"

namespace nigh::cli {

struct StatusArguments {
  bool help = false;
  std::string host;  // empty: all
  bool json = false;
};

struct DisconnectArguments {
  bool help = false;
  std::vector<std::string> hosts;  // at least one, or `all`
  bool all = false;
  bool drain = false;
};

// Errc::usage when it makes no sense; the message says what does.
Result<StatusArguments> parse_status(const Arguments& arguments);
Result<DisconnectArguments> parse_disconnect(const Arguments& arguments);

}  // namespace nigh::cli
