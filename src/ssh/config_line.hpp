// SPDX-License-Identifier: Apache-2.0
// A line of ssh_config(5) in its parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::ssh {

struct ConfigLine {
  std::string keyword;    // lower case; empty for a blank line or a comment
  std::string_view rest;  // the arguments, still quoted
};

// `line` is without its newline. "Keyword arguments", "Keyword=arguments" or with blanks around
// the sign.
ConfigLine split_config_line(std::string_view line);

// Words separated by blanks; quotes of either kind group, a backslash escapes quotes, backslashes
// and blanks, and a word that starts with # ends the line. Errc::malformed: a quote is not closed.
Result<std::vector<std::string>> split_config_arguments(std::string_view text);

}  // namespace nigh::ssh
