// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "server/keeper/config.hpp"

namespace nigh::server {

// Puts what a configuration file (TOML; nigh-serve(8) lists the keys) says over `config`. An
// unknown key, a wrong type or a number out of range is an Error that names file and line: a server
// does not start on a file that it does not understand.
Result<void> apply_config(std::string_view text, const std::string& file_name, Config& config);

}  // namespace nigh::server
