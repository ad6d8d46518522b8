// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace nigh::server {

// How a front, worker or holder begins: its log, its signals, its memory hidden from what runs as
// the same account. Returns the link to whoever started it, which came as standard input.
UniqueFd begin_role(const char* name, const char* log_level);

// What one of nigh's own processes may know of the environment of the one that starts it: nothing
// that it does not need; and `more` of it. "NAME=value".
std::vector<std::string> role_environment(std::initializer_list<const char*> more = {});

// As many descriptors as the system lets this process have.
void raise_descriptor_limit();
// Gives a process that this role started the limit of descriptors that the role began with.
void restore_descriptor_limit(pid_t pid);

}  // namespace nigh::server
