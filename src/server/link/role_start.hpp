// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "base/unique_fd.hpp"

namespace nigh::server {

// How a front or worker begins: its log, its signals, its memory hidden from what runs as the same
// account. Returns the link to the keeper, which came as standard input.
// It may have as many descriptors as the system lets it.
UniqueFd begin_role(const char* name, const char* log_level);

// Gives a process that this role started the limit of descriptors that the role began with.
void restore_descriptor_limit(pid_t pid);

}  // namespace nigh::server
