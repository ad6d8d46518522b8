// SPDX-License-Identifier: Apache-2.0
#include "cli/escape_keys.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

constexpr char kSuspend = 'Z' & 0x1f;

}  // namespace

EscapeKeys::Action EscapeKeys::take(std::string_view& typed, std::string& send) {
  while (!typed.empty()) {
    char key = typed[0];
    typed.remove_prefix(1);
    if (held_) {
      held_ = false;
      if (auto action = second(key, send); action != Action::none) return action;
    } else if (line_start_ && key_ && key == *key_) {
      held_ = true;
    } else {
      pass(key, send);
    }
  }
  return Action::none;
}

// After an action the line has still not begun, so that the next needs no Enter before it.
EscapeKeys::Action EscapeKeys::second(char typed, std::string& send) {
  if (typed == *key_) {
    pass(typed, send);
    return Action::none;
  }
  switch (typed) {
    case '.':
      return Action::leave;
    case 'd':
      return Action::detach;
    case kSuspend:
      return Action::suspend;
    case '?':
      return Action::help;
    default:
      send += *key_;
      pass(typed, send);
      return Action::none;
  }
}

void EscapeKeys::pass(char typed, std::string& send) {
  send += typed;
  line_start_ = ends_line(typed);
}

std::string describe_escape_key(char key) {
  auto code = static_cast<unsigned char>(key);
  if (code < 0x20 || code == 0x7f) return {'^', control(key)};
  return printable({&key, 1});
}

std::string escape_help(char key, bool may_end) {
  auto shown = describe_escape_key(key);
  auto line = [&](std::string_view second, std::string_view says) {
    return fmt::format("  {:<6} {}\r\n", shown + std::string(second), says);
  };
  return "nigh, at the beginning of a line:\r\n" +
         line(".", may_end ? "end the session" : "leave; the session goes on") +
         line("d", "detach; the session goes on") + line("^Z", "suspend nigh") +
         line(shown, fmt::format("send {}", shown)) + line("?", "this help");
}

}  // namespace nigh::cli
