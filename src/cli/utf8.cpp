// SPDX-License-Identifier: Apache-2.0
#include "cli/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace nigh::cli {
namespace {

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

// Bytes that a sequence beginning with `first` has; 0: nothing begins so.
std::size_t sequence_length(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

// Not overlong, not a surrogate, not beyond U+10FFFF: the second byte decides.
bool second_byte_fits(std::uint8_t first, std::uint8_t second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second < 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    auto first = static_cast<std::uint8_t>(bytes[0]);
    auto length = sequence_length(first);
    if (length == 0 || length > bytes.size()) return false;
    auto tail = bytes.substr(1, length - 1);
    if (!std::ranges::all_of(tail, is_continuation)) return false;
    if (length > 1 && !second_byte_fits(first, static_cast<std::uint8_t>(bytes[1]))) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

}  // namespace nigh::cli
