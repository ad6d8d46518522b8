// SPDX-License-Identifier: Apache-2.0
// TCP connections: all addresses of a host, raced as RFC 8305 says ("happy eyeballs").
#pragma once

#include <chrono>
#include <expected>
#include <vector>

#include "io/asio.hpp"
#include "io/runtime.hpp"

namespace nigh::io {

struct DialOptions {
  Duration stagger = std::chrono::milliseconds(250);  // RFC 8305, section 8
  Duration limit = std::chrono::seconds(15);          // for all attempts together
};

struct FailedAttempt {
  tcp::endpoint endpoint;
  boost::system::error_code reason;  // asio::error::timed_out if it had not ended at the limit
};

// The first connection that comes about, tuned (base/tcp_options.hpp); else why each failed.
// `endpoints` may not be empty. Can be cancelled.
using Raced = std::expected<tcp::socket, std::vector<FailedAttempt>>;
awaitable<Raced> race(std::vector<tcp::endpoint> endpoints, DialOptions options);

}  // namespace nigh::io
