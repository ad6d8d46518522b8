// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/tunnels.hpp>
#include <nigh/types.hpp>

#include <optional>
#include <string>

#include "cli/agent_option.hpp"
#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"
#include "cli/session_options.hpp"

namespace nigh::cli {

// `nigh HOST` and `nigh shell HOST` as typed.
struct ShellArguments {
  bool help = false;
  std::string host;
  // A line for the account's login shell, with --env and --cwd; empty: the login shell itself.
  // --name is its name.
  Command command;
  bool detached = false;
  EscapeOption escape;
  Forwards forwards;
  AgentOption agent;
  ConnectArguments connect;
};

// Errc::usage when it makes no sense; the message says what does.
Result<ShellArguments> parse_shell(const Arguments& arguments);

}  // namespace nigh::cli
