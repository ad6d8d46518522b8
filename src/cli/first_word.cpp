// SPDX-License-Identifier: Apache-2.0
#include "cli/first_word.hpp"

#include <algorithm>

#include "cli/suggest.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

bool may_be_in_host(char c) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || (c & 0x80) != 0 || std::string_view("-_.:@/[]%~?=&").contains(c);
}

}  // namespace

FirstWord first_word(std::string_view word) {
  if (word.starts_with('-')) return FirstWord::host;
  if (word.empty() || !std::ranges::all_of(word, may_be_in_host)) return FirstWord::nothing;
  // No command has such a sign in its name.
  if (word.find_first_of(".:@/[") != word.npos) return FirstWord::host;
  return suggest(word, command_names()) ? FirstWord::slip : FirstWord::host;
}

}  // namespace nigh::cli
