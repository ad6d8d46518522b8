// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace nigh::server {

// If this process was started by a keeper as a front, worker or publisher, or by a worker to serve
// files or to hold a session, is that, to its end, and returns its exit status. main() asks first
// of all.
std::optional<int> run_role(int argc, char** argv);

}  // namespace nigh::server
