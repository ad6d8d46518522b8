// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <memory>
#include <string_view>

#include "cli/terminal_modes.hpp"

namespace nigh::cli {

// Where the output of a session goes: standard output and error, as it is. Waits where they take no
// more, and blocks nobody else meanwhile.
class SessionOutput {
 public:
  SessionOutput();
  ~SessionOutput();
  SessionOutput(const SessionOutput&) = delete;
  SessionOutput& operator=(const SessionOutput&) = delete;

  // Throws Failure; Errc::closed: nobody reads it any more. Not twice at a time.
  async::awaitable<void> write(Channel channel, std::string_view bytes);

  // What it has done to the terminal.
  const TerminalModes& modes() const { return modes_; }
  // All was written, and a line of our own may be.
  bool at_rest() const { return !writing_ && modes_.at_rest(); }

 private:
  struct Stream;
  std::unique_ptr<Stream> out_;
  std::unique_ptr<Stream> err_;
  TerminalModes modes_;
  bool writing_ = false;
};

}  // namespace nigh::cli
