// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

// Asks at the terminal (/dev/tty, so that pipes stay free for data). Blocks the event loop, but not
// signals.
class TerminalQuestion {
 public:
  explicit TerminalQuestion(Supervisor& supervisor);
  bool somebody_is_there() const { return tty_.valid(); }

  // The line that was typed as an answer; nullopt: the terminal is gone, or a signal ends nigh.
  std::optional<std::string> ask(std::string_view text);

 private:
  Supervisor& supervisor_;
  UniqueFd tty_;
};

}  // namespace nigh::cli
