// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cli/arguments.hpp"

namespace nigh::cli {

// The program after its name: picks the command and runs it. Returns the exit status.
int run_program(const Arguments& arguments);

// Complains, with a suggestion where one is near; returns the exit status.
int unknown_command(std::string_view name);

// Opens /dev/null as each of fds 0 to 2 that is closed, so that no file gets such a number and is
// then written to by mistake; and ignores SIGPIPE, whose place EPIPE takes.
void prepare_process();

}  // namespace nigh::cli
