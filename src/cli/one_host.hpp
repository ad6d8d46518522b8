// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cli/arguments.hpp"

namespace nigh::cli {

// The single HOST that `command` takes. Errc::usage: none, several, or an empty one.
Result<std::string> one_host(const Arguments& words, std::string_view command);

}  // namespace nigh::cli
