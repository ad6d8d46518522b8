// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/tunnels.hpp>
#include <nigh/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "cli/agent_option.hpp"
#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"
#include "cli/session_options.hpp"

namespace nigh::cli {

// `nigh run` as typed. Nothing of the process around it (environment, terminal) is in here yet.
struct RunArguments {
  bool help = false;
  std::vector<std::string> hosts;  // at least one, as typed
  Command command;                 // with --env, --cwd, --timeout, --keep; without a pty
  int tty = 0;                     // how often -t was given
  bool null_input = false;
  bool no_resume = false;
  EscapeOption escape;  // with -t at a terminal
  bool json = false;
  Forwards forwards;
  AgentOption agent;
  std::size_t parallel = 100;
  ConnectArguments connect;
};

// Errc::usage when it makes no sense; the message says what does.
Result<RunArguments> parse_run(const Arguments& arguments);

}  // namespace nigh::cli
