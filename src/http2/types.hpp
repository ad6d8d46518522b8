// SPDX-License-Identifier: Apache-2.0
// What users of the HTTP/2 session name: roles, header fields, limits, error codes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nigh::http2 {

enum class Role { client, server };
using StreamId = std::int32_t;

// One header field; names are in lower case, pseudo-header fields (":method") come first.
struct Field {
  std::string name;
  std::string value;
  bool sensitive = false;  // never enters a compression table (credentials)
};
using Fields = std::vector<Field>;

// The value of the first field of that name; nullptr if there is none.
const std::string* find(const Fields& fields, std::string_view name);

// Error codes of RFC 9113, section 7: those that nigh itself sends.
inline constexpr std::uint32_t kNoError = 0x0;
inline constexpr std::uint32_t kProtocolError = 0x1;
inline constexpr std::uint32_t kInternalError = 0x2;
inline constexpr std::uint32_t kRefusedStream = 0x7;
inline constexpr std::uint32_t kCancel = 0x8;
inline constexpr std::uint32_t kConnectError = 0xa;
inline constexpr std::uint32_t kEnhanceYourCalm = 0xb;

// How many frames of a kind a peer may send at once; the allowance grows back over 10 s. One more
// ends the connection: each kind is an attack that costs the peer less than it costs us (RFC 9113,
// section 10.5). Frames of unknown types cost next to nothing here and are not counted.
struct Budgets {
  std::uint32_t resets = 200;  // server: RST_STREAM received, or answered to errors; and 431s
  std::uint32_t pings = 100;
  std::uint32_t settings = 20;  // and GOAWAY
  std::uint32_t priorities = 500;
  std::uint32_t empty_data = 500;       // DATA that may carry nothing and does not end its stream
  std::uint32_t window_updates = 2000;  // beyond those that the DATA we sent explains
};

struct Limits {
  std::size_t header_bytes = 64 * 1024;  // a message: names + values + 32 for each field
  std::size_t header_fields = 128;
  std::uint32_t concurrent_streams = 256;  // that a peer may have open
  std::uint32_t frame_size = 256 * 1024;   // accepted; never more than the peer's is sent
  // Fills 1 Gbit/s over 100 ms (12.5 MB) also while half of it waits to be given back.
  std::uint32_t stream_window = 32 << 20;
  std::uint32_t connection_window = 64 << 20;  // what all stalled readers can pile up
  Budgets budgets;
};

// A function so that tests can tick it.
using Clock = std::function<std::chrono::steady_clock::time_point()>;

}  // namespace nigh::http2
