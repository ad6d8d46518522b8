// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::cli {

// A manual page in roff from its source in docs/man/, a small subset of Markdown:
//
//   # name(1): summary            the first line
//   ## SECTION, ### subsection    a paragraph is lines up to an empty one
//   - an item                     continued by lines that begin with two blanks
//   ```                           a literal block, to the next such line
//   TERM                          a definition, continued like an item
//   : what it means
//   {{options run}}               what the command's own table says; also synopsis, description,
//                                 examples and exit
//
// Errc::malformed names the line that is none of these.
Result<std::string> manual_page(std::string_view source, std::string_view version);

}  // namespace nigh::cli
