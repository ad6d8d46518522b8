// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

#include "base/error.hpp"

namespace nigh::files {

using ByteSet = std::bitset<256>;

// "[a-z]", "[!a]", "[^a]", "[[:digit:]_]", "[]x]", "[\]]": the bytes that it stands for, never '/'.
// `text` begins with '['; `length` becomes how much of it the bracket takes. Errc::usage: it is
// not closed, or names no class that there is.
Result<ByteSet> parse_bracket(std::string_view text, std::size_t& length);

}  // namespace nigh::files
