// SPDX-License-Identifier: Apache-2.0
// The commands about sessions that are there, as typed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"
#include "cli/session_options.hpp"

namespace nigh::cli {

struct SessionsArguments {
  bool help = false;
  std::string host;
  bool json = false;
  bool prune = false;
  bool all = false;                               // also those that end with their client
  std::optional<std::chrono::milliseconds> idle;  // with `prune`
  ConnectArguments connect;
};

struct AttachArguments {
  bool help = false;
  std::string host;
  std::string session;  // id or name; empty: whichever there is
  bool read_only = false;
  std::uint32_t scrollback = 10'000;
  std::optional<std::uint64_t> tail;
  EscapeOption escape;
  ConnectArguments connect;
};

struct KillArguments {
  bool help = false;
  std::string host;
  std::vector<std::string> sessions;  // at least one
  std::string signal = "HUP";
  ConnectArguments connect;
};

struct WaitArguments {
  bool help = false;
  std::string host;
  std::string session;
  ConnectArguments connect;
};

// Errc::usage when it makes no sense; the message says what does.
Result<SessionsArguments> parse_sessions(const Arguments& arguments);
Result<AttachArguments> parse_attach(const Arguments& arguments);
Result<KillArguments> parse_kill(const Arguments& arguments);
Result<WaitArguments> parse_wait(const Arguments& arguments);

}  // namespace nigh::cli
