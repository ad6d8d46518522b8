// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files/directory.hpp"

namespace nigh::files {

// ".nigh-tmp-" and 16 hex digits that no other call in any process has likely made; whoever uses it
// does so with O_EXCL or its like and takes the next one if it is there.
std::string new_temporary_name();
inline constexpr int kTemporaryTries = 100;

// Removes those of `names` that are temporary, ours, and were last changed before `limit` (seconds
// since 1970).
void remove_temporaries(const Directory& directory, const std::vector<std::string>& names,
                        std::int64_t limit);

}  // namespace nigh::files
