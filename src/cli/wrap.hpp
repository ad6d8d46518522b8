// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nigh::cli {

// `text` in lines of at most `width` characters, broken between words; a word that is longer than
// a line is cut. A line feed in `text` begins a new line; an empty text is one empty line.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

// The same as one string: the first line after `first` columns of indentation, the others after
// `rest`, each ending in a line feed. `width` counts the indentation too.
std::string indented(std::string_view text, std::size_t width, std::size_t first, std::size_t rest);

}  // namespace nigh::cli
