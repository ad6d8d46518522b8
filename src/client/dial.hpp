// SPDX-License-Identifier: Apache-2.0
// TCP connections: all addresses of a host, raced as RFC 8305 says ("happy eyeballs").
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "io/asio.hpp"
#include "io/runtime.hpp"

namespace nigh::client {

struct DialOptions {
  io::Duration stagger = std::chrono::milliseconds(250);  // RFC 8305, section 8
  io::Duration limit = std::chrono::seconds(15);          // for all attempts together
};

// The first connection that comes about, tuned (base/tcp_options.hpp); `address` ("web1:7722") is
// for messages. `endpoints` may not be empty. Throws what explain_failed_dial() says.
awaitable<tcp::socket> dial(std::string address, std::vector<tcp::endpoint> endpoints,
                            DialOptions options);

struct FailedAttempt {
  tcp::endpoint endpoint;
  boost::system::error_code reason;  // asio::error::timed_out if it had not ended at the limit
};
// Never empty `attempts`.
Error explain_failed_dial(std::string_view address, const std::vector<FailedAttempt>& attempts,
                          io::Duration limit);

}  // namespace nigh::client
