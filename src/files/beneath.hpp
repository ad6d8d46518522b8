// SPDX-License-Identifier: Apache-2.0
// Opening directories below another without leaving it.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace nigh::files {

// Each returns an invalid descriptor and sets errno if it fails. A directory that may be searched
// but not read is opened all the same (O_PATH): what is in it can be reached, only not listed.

// Of one component, or "." or "..". `follow`: O_NOFOLLOW or 0.
UniqueFd open_directory(int at, const char* name, int follow);

// "a/b/c", no links in it. EXDEV for what is no such path. open_beneath() asks the kernel to hold
// to that (openat2) and falls back to open_by_steps() where it cannot.
UniqueFd open_beneath(int at, std::string_view relative);
UniqueFd open_by_steps(int at, std::string_view relative);

}  // namespace nigh::files
