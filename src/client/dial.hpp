// SPDX-License-Identifier: Apache-2.0
// TCP connections to a server, with words for a person when none comes about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "io/race.hpp"

namespace nigh::client {

using io::DialOptions;
using io::FailedAttempt;

// The first connection that comes about, tuned (base/tcp_options.hpp); `address` ("web1:7722") is
// for messages. `endpoints` may not be empty. Throws what explain_failed_dial() says.
awaitable<tcp::socket> dial(std::string address, std::vector<tcp::endpoint> endpoints,
                            DialOptions options);

// Never empty `attempts`.
Error explain_failed_dial(std::string_view address, const std::vector<FailedAttempt>& attempts,
                          io::Duration limit);

}  // namespace nigh::client
