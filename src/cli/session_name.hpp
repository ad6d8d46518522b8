// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace nigh::cli {

// --name, if it was given: 1 to 64 letters, digits, _ . and -. Else Errc::usage.
Result<void> check_session_name(std::string_view name);

}  // namespace nigh::cli
