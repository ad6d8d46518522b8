// SPDX-License-Identifier: Apache-2.0
// What statx(2) and readlinkat(2) say, in an Entry. Each returns 0 or an errno.
#pragma once

#include "files/entry.hpp"

namespace nigh::files {

enum class Links { keep, follow };

// Everything but `name` is set anew; target and xattrs become empty.
int read_status(int directory, const char* name, Links links, Entry& entry);
int read_status_of(int fd, Entry& entry);
int read_target(int directory, const char* name, Entry& entry);

}  // namespace nigh::files
