// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace nigh::files {

// ".nigh-tmp-" and 16 hex digits that no other call in any process has likely made; whoever uses it
// does so with O_EXCL or its like and takes the next one if it is there.
std::string new_temporary_name();
inline constexpr int kTemporaryTries = 100;

}  // namespace nigh::files
