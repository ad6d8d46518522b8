// SPDX-License-Identifier: Apache-2.0
// What a worker hands to a front and to a holder, so that they meet.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "server/link/holder_messages.hpp"
#include "server/worker/grants.hpp"

namespace nigh::server {

// As a holder is told of it, with a new resume token.
HolderClient holder_client(const Grant& grant);

// What a front and a holder get for a client: the ends of a non-blocking SOCK_STREAM, the same
// eventfd, and what output goes through (holder_messages.hpp).
struct ClientLink {
  std::vector<UniqueFd> fronts;
  std::vector<UniqueFd> holders;
};
enum class OutputWay { socket, pipe };
Result<ClientLink> make_client_link(OutputWay way);

// A pipe saves a copy, and takes of an account's quota while it is there.
inline OutputWay output_way(const SessionFacts& facts) {
  return lasts(facts) ? OutputWay::socket : OutputWay::pipe;
}

}  // namespace nigh::server
