// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/tunnels.hpp>

#include <string>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"

namespace nigh::cli {

// `nigh forward` as typed. What the forwards mean is not looked at yet.
struct ForwardArguments {
  bool help = false;
  std::string host;
  Forwards forwards;
  bool json = false;
  ConnectArguments connect;
};

// Errc::usage when it makes no sense.
Result<ForwardArguments> parse_forward(const Arguments& arguments);

}  // namespace nigh::cli
