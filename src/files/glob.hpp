// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::files {

// A path as people write it on the command line of another machine: relative to `home`, "~" and
// "~/x" are home. No shell sees it.
std::string absolute(std::string_view path, const std::string& home);

// The paths that a pattern means, sorted; a path that exists as it is written means itself,
// whatever is in it. No hidden names for a leading "*". Errc::not_found: nothing matches.
Result<std::vector<std::string>> expand(const std::string& pattern);

}  // namespace nigh::files
