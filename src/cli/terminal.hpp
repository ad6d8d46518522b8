// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <optional>

namespace nigh::cli {

// Size of the terminal on standard output, input or error; none: no terminal.
std::optional<WindowSize> window_size();
bool input_is_terminal();

// What other programs share with us, kept as it was: O_NONBLOCK of fds 0 to 2 and the mode of the
// terminal on standard input. The destructor restores it, exit() does too, and so does restore(),
// which the way out without either calls. One at a time.
class TerminalKeeper {
 public:
  TerminalKeeper();
  ~TerminalKeeper();
  TerminalKeeper(const TerminalKeeper&) = delete;
  TerminalKeeper& operator=(const TerminalKeeper&) = delete;

  // Each key goes to the host as it is, ^C too. Nothing happens without a terminal.
  void make_raw();
  // After a stop: the shell has set its own mode meanwhile.
  static void resumed() noexcept;
  static void restore() noexcept;  // idempotent
};

}  // namespace nigh::cli
