// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <string>

#include "cli/supervisor.hpp"

namespace nigh::cli {

// Asks at the terminal (/dev/tty, so that pipes stay free for data) whether an unknown host is to
// be trusted. Blocks the event loop, but not signals. Without a terminal the answer is no.
enum class Decision { trusted, declined, nobody_to_ask };
Decision ask_about(const UnknownHostKey& key, const std::string& host, Supervisor& supervisor);

}  // namespace nigh::cli
