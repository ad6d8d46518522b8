// SPDX-License-Identifier: Apache-2.0
// What a worker hands to a front and to a holder, so that they meet.
#pragma once

#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "server/link/holder_messages.hpp"
#include "server/worker/grants.hpp"

namespace nigh::server {

// As a holder is told of it, with a new resume token.
HolderClient holder_client(const Grant& grant);

// Two ends of a non-blocking SOCK_STREAM.
Result<std::pair<UniqueFd, UniqueFd>> stream_pair();

std::vector<UniqueFd> just(UniqueFd fd);

}  // namespace nigh::server
