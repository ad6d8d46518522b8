// SPDX-License-Identifier: Apache-2.0
// stat_entry() and open_file() in their parts, for the code that walks trees.
#pragma once

#include "files/directory.hpp"
#include "files/status.hpp"

namespace nigh::files {

// Into an Entry that has its name; Errc::not_found if it is gone.
Result<void> read_entry(const Directory& directory, const char* name, bool xattrs, Entry& entry);
Result<void> add_xattrs(const Directory& directory, const char* name, Links links, Entry& entry);
Result<UniqueFd> open_file(const Directory& directory, std::string_view name, Links links);

}  // namespace nigh::files
