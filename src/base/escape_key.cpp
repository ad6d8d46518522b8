// SPDX-License-Identifier: Apache-2.0
#include "base/escape_key.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace nigh {

Result<std::optional<char>> parse_escape_key(std::string_view text) {
  if (text == "none") return std::nullopt;
  if (text.size() == 1 && !ends_line(text[0])) return text[0];
  if (text.size() == 2 && text[0] == '^') {
    auto key = text[1];
    if (key >= 'a' && key <= 'z') key = static_cast<char>(key - 'a' + 'A');
    bool is_control = key >= '?' && key <= '_';
    if (is_control && !ends_line(control(key))) return control(key);
  }
  return fail(Errc::usage, fmt::format("'{}' is no key: write one character, ^X for a control key, "
                                       "or none",
                                       printable(text)));
}

}  // namespace nigh
