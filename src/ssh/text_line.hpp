// SPDX-License-Identifier: Apache-2.0
// Taking OpenSSH's line-oriented files apart. Everything is a view into the caller's text.
#pragma once

#include <string_view>

#include "wire/reader.hpp"

namespace nigh::ssh {

// Removes the first line from `text` and returns it without blanks at its ends, "\n" or "\r\n".
inline std::string_view take_line(std::string_view& text) {
  constexpr std::string_view blanks = " \t\r\f";
  auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  auto first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

// Removes the first word and the blanks after it.
inline std::string_view take_word(std::string_view& line) {
  auto word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  line.remove_prefix(line.find_first_not_of(" \t") == line.npos ? line.size()
                                                                : line.find_first_not_of(" \t"));
  return word;
}

// The type that a key blob says it has; empty if it says none.
inline std::string_view framed_key_type(std::string_view blob) {
  return wire::Reader(blob).string();
}

}  // namespace nigh::ssh
