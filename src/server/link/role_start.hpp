// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_fd.hpp"

namespace nigh::server {

// How a front or worker begins: its log, its signals, its memory hidden from what runs as the same
// account. Returns the link to the keeper, which came as standard input.
UniqueFd begin_role(const char* name, const char* log_level);

}  // namespace nigh::server
