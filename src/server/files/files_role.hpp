// SPDX-License-Identifier: Apache-2.0
// The process that serves one request about files, as the account whose files they are: started by
// the worker, with the front at the other ends of its stdin and stdout.
#pragma once

#include <string>

#include "base/channel.hpp"

namespace nigh::server {

// Reads the head of one request from `channel` and serves it to its end. False if that was not
// possible; why is in the log.
bool serve_files(ByteChannel& channel, const std::string& home);

// The whole process: its exit status. A SIGTERM or SIGHUP cancels what it does.
int files_main(const char* log_level);

}  // namespace nigh::server
