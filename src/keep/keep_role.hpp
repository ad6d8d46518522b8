// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace nigh::keep {

// If this process was started by a command to keep a connection, does that and returns its exit
// status. main() asks before it looks at any argument.
std::optional<int> run_role(int argc, char** argv);

}  // namespace nigh::keep
