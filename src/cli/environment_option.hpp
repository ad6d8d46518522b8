// SPDX-License-Identifier: Apache-2.0
// The environment that a command gets from here.
#pragma once

#include <nigh/types.hpp>

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace CLI {
class App;
}

namespace nigh::cli {

// --env, which may be repeated; set_environment() makes variables of what was given.
void add_environment_option(CLI::App& app, std::vector<std::string>& pairs);
Result<void> set_environment(Command& command, const std::vector<std::string>& pairs);

// What of the caller's environment a command gets: LANG and LC_*. `environment` is like environ.
std::map<std::string, std::string> locale_of(const char* const* environment);
// The same for one that has a terminal, which gets COLORTERM as well.
std::map<std::string, std::string> terminal_environment_of(const char* const* environment);

}  // namespace nigh::cli
