// SPDX-License-Identifier: Apache-2.0
// What `nigh shell` and `nigh attach` have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

// --escape, of `nigh run` too: nullopt if it was not given, and then the configuration decides.
using EscapeOption = std::optional<std::optional<char>>;

void add_escape_option(CLI::App& app, std::string& text, const std::string& the = "The");
// Errc::usage: it is no key.
Result<EscapeOption> read_escape_option(const std::string& text);

// What nigh exits with when it has shown a session.
const std::vector<ExitStatusNote>& session_exits();

}  // namespace nigh::cli
