// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <optional>

namespace nigh::cli {

class TerminalModes;

// Size of the terminal on standard output, input or error; none: no terminal.
std::optional<WindowSize> window_size();
bool input_is_terminal();

// The terminal that a command on a host gets to be like ours: its TERM and size.
Pty our_terminal();

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
  // What output has done to the terminal is undone, too. `modes` must outlive this.
  void undo_at_the_end(const TerminalModes& modes);
  // Gives the terminal back and stops our process group; returns when somebody continues it.
  static void suspend() noexcept;
  // After a stop: the shell has set its own mode meanwhile.
  static void resumed() noexcept;
  static void restore() noexcept;  // idempotent
};

}  // namespace nigh::cli
