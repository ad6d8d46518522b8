// SPDX-License-Identifier: Apache-2.0
// The values of channels: named pipes through a host, between programs of one account. Plain C++,
// as types.hpp. Names are 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'.
#pragma once

#include <nigh/error.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace nigh {

inline constexpr std::size_t kMaxChannelMessage = 1 << 20;

struct ChannelSendOptions {
  // Bytes instead of messages: one receiver takes all that this sender sends, up to finish().
  bool stream = false;
  // A message is taken once it is on the host's disk, rather than by a receiver. Not for streams.
  bool keep = false;
  // Errc::unavailable, rather than a wait, when nobody receives. Nothing to `keep`.
  bool wait = true;
  // How many receive, at first and when the first one comes or the last one leaves.
  std::function<void(std::uint32_t)> on_receivers;
};

struct ChannelReceiveOptions {
  std::uint64_t most = UINT64_MAX;  // messages and streams, in all
  // Messages that may be on their way here without an acknowledgement; others get the rest. Up to
  // 8192.
  std::uint32_t window = 1;
  bool wait = true;  // for more than is there
};

struct ChannelItem {
  enum class Kind : std::uint8_t {
    message,
    piece,     // of a stream
    complete,  // the stream is
  };
  Kind kind = Kind::message;
  std::string bytes;
  // Of a message: 16 random bytes of its sender, and its number among that one's, from 1.
  std::string sender;
  std::uint64_t sequence = 0;
};

}  // namespace nigh
