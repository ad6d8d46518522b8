// SPDX-License-Identifier: Apache-2.0
// `nigh send` and `nigh recv` as typed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"

namespace nigh::cli {

// Exit statuses of both, beside 0, 1 and kUsageStatus.
inline constexpr int kNobodyThere = 3;  // no receiver, or nothing to receive, and no wait
inline constexpr int kMailboxFull = 4;

// HOST:CHANNEL, or nigh://HOST[:PORT]/CHANNEL.
struct ChannelName {
  std::string host;
  std::string channel;
  std::string text() const { return host + ":" + channel; }
};
// Errc::usage.
Result<ChannelName> parse_channel_name(std::string_view text);

struct SendArguments {
  bool help = false;
  ChannelName to;
  std::vector<std::string> files;  // none: standard input, as does "-"
  bool lines = false;
  bool message = false;
  bool keep = false;
  bool no_wait = false;
  bool json = false;
  ConnectArguments connect;
};

struct RecvArguments {
  bool help = false;
  ChannelName from;
  bool lines = false;
  bool json = false;
  bool no_wait = false;
  std::optional<std::uint64_t> count;
  std::uint32_t window = 1024;
  ConnectArguments connect;
};

// Errc::usage when it makes no sense; the message says what does.
Result<SendArguments> parse_send(const Arguments& arguments);
Result<RecvArguments> parse_recv(const Arguments& arguments);

}  // namespace nigh::cli
