// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nigh::files {

// A name as a peer may send it: 1 to 255 bytes, no '/', no NUL, neither "." nor "..", and none of
// our temporary names.
bool is_valid_name(std::string_view name);

// What the unfinished data of a large file is called: ".nigh-part-" and 16 hex digits that follow
// from its name, so that a later transfer finds it.
std::string partial_name(std::string_view name);
bool is_partial_name(std::string_view name);
// Begins with ".nigh-tmp-" or ".nigh-part-": never listed, sent or received.
bool is_temporary_name(std::string_view name);

}  // namespace nigh::files
