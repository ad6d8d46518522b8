// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "client/process_stream.hpp"

namespace nigh::client {

// Connects a command to descriptors of this process until it has ended and all its output is
// written; see nigh::async::Process::forward(). -1 as `in` is an empty input.
awaitable<ExitStatus> forward(std::shared_ptr<ProcessStream> stream, int in, int out, int err);

}  // namespace nigh::client
