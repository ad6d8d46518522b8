// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "server/keeper/core.hpp"

namespace nigh::server {

// What a keeper runs with, from the command line and the configuration file (nigh-serve(8)).
struct Config {
  std::vector<std::string> listen{"[::]:7722"};
  std::vector<std::string> publish;  // "NAME@RELAY", as check_publications() allows
  std::string authorized_keys;       // absolute paths
  std::string host_key;
  std::string state_directory;  // private to the account: tokens, sessions
  std::string log_level = "info";
  std::uint32_t fronts = 1;
  std::chrono::seconds drain{30};
  std::chrono::seconds login{10};
  std::chrono::seconds token{24 * 3600};  // the longest life of a token
  std::uint32_t streams_per_connection = 16'384;
  std::uint32_t processes = 1000;
  std::uint32_t sessions = 200;
  SessionSettings session;
  ForwardingSettings forwarding;
  ChannelsSettings channels;
  KeeperLimits limits;
};

}  // namespace nigh::server
