// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "files/selecting.hpp"

namespace nigh::files {

// Filter::enter() with the ignore files that are among `names`. One that cannot be read, or has
// more than 1 MiB, is reported and counts as empty.
void enter_folder(const Listing& listing, const NameList& names);

}  // namespace nigh::files
