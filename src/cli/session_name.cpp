// SPDX-License-Identifier: Apache-2.0
#include "cli/session_name.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

constexpr std::size_t kLongest = 64;

bool fits(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace

Result<void> check_session_name(std::string_view name) {
  if (!name.empty() && name.size() <= kLongest && std::ranges::all_of(name, fits)) return {};
  return fail(Errc::usage, fmt::format("--name: '{}' is no name for a session: 1 to {} letters, "
                                       "digits, _ . and -",
                                       printable(name), kLongest));
}

}  // namespace nigh::cli
