// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nigh::cli {

// How many letters must be put in, taken out, replaced or swapped with their neighbour to make one
// word of the other. Linear memory; the words come from a command line, so they are short.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that the person most likely meant, if one is near enough to be worth saying.
std::optional<std::string> suggest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace nigh::cli
