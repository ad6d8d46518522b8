// SPDX-License-Identifier: Apache-2.0
// How people write the key that speaks to nigh in a terminal: on the command line, and in the
// configuration.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace nigh {

// Unless somebody says otherwise, as in ssh.
inline constexpr char kEscapeKey = '~';

// CR and LF.
constexpr bool ends_line(char typed) { return typed == '\r' || typed == '\n'; }
// The control character of a key, and back: ^A is 1, ^? is DEL.
constexpr char control(char key) { return static_cast<char>(key ^ 0x40); }

// "~", "^X" (a control key), or "none". Errc::usage for anything else, and for CR and LF, which
// end lines.
Result<std::optional<char>> parse_escape_key(std::string_view text);

}  // namespace nigh
