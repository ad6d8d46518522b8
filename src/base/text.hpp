// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nigh {

// `bytes` with control characters, DEL and bytes that are not valid in UTF-8 as \xNN, so that
// what a peer or a file said can be shown on a terminal or in a log without steering it.
std::string printable(std::string_view bytes);

std::string_view trim(std::string_view text);  // spaces and tabs, both ends
std::string lower(std::string_view ascii);
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace nigh
