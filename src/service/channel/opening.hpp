// SPDX-License-Identifier: Apache-2.0
// What somebody wants of a channel: the path and the query of the request that opens it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::channel {

inline constexpr std::string_view kPath = "/v1/channels/";

enum class Part : std::uint8_t {
  send_stream,    // bytes, until an end
  send_messages,  // each is taken by a receiver
  keep_messages,  // each is taken by the store
  receive,
};

struct Opening {
  std::string channel;
  Part part = Part::receive;
  std::string sender;  // kSenderId bytes, of who sends messages
  // A sender: for a receiver. A receiver: for more than is there.
  bool wait = true;
  // Of a receiver: deliveries in all, and of messages how many without an acknowledgement.
  std::uint64_t most = UINT64_MAX;
  std::uint32_t window = 1;
};

inline constexpr std::uint32_t kMaxWindow = 8192;

// 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'; not "." nor "..".
bool is_channel_name(std::string_view name);

// "/v1/channels/jobs?part=receive&window=100"
std::string path_of(const Opening& opening);
// Errc::malformed: what makes no sense, in words for the peer.
Result<Opening> parse_path(std::string_view path);

}  // namespace nigh::channel
