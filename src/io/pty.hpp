// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::io {

// A pseudo-terminal: our side, non-blocking, and the path of the side that programs use.
struct PtyPair {
  UniqueFd ours;
  std::string path;
};
Result<PtyPair> open_pty(const WindowSize& size);

// TIOCSWINSZ; the foreground process group gets SIGWINCH.
void set_window_size(int fd, const WindowSize& size);

}  // namespace nigh::io
