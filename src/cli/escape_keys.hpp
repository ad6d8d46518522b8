// SPDX-License-Identifier: Apache-2.0
// What a person types to nigh itself in a session with a terminal, as with ssh: `~.` at the
// beginning of a line. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/escape_key.hpp"

namespace nigh::cli {

class EscapeKeys {
 public:
  // nullopt: every key is for the host.
  explicit EscapeKeys(std::optional<char> key) : key_(key) {}

  enum class Action { none, leave, detach, suspend, help };

  // Takes bytes off the front of `typed`, up to the end or through the first action, whichever is
  // first. What is for the host is appended to `send`. A key that may begin an action is held back
  // until the next one comes; a line begins at the start and after CR or LF.
  Action take(std::string_view& typed, std::string& send);

 private:
  Action second(char typed, std::string& send);
  void pass(char typed, std::string& send);

  std::optional<char> key_;
  bool line_start_ = true;
  bool held_ = false;
};

// The key as a person knows it: "~", "^]".
std::string describe_escape_key(char key);

// What `~?` shows: lines that end in CR LF, since the terminal is raw. `may_end`: `~.` ends the
// session and does not only leave it.
std::string escape_help(char key, bool may_end);

}  // namespace nigh::cli
