// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"

namespace nigh::cli {

// `nigh token` as typed.
struct TokenArguments {
  bool help = false;
  std::string host;
  std::chrono::seconds lifetime = std::chrono::minutes(15);
  std::string revoke;  // the token to take back; empty: make one
  bool json = false;
  ConnectArguments connect;
};

Result<TokenArguments> parse_token(const Arguments& arguments);

}  // namespace nigh::cli
