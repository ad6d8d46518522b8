// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_fd.hpp"

namespace nigh::cli {

// A descriptor for what fd 0, 1 or 2 is, which does not block if it is a terminal, a pipe or a
// socket. `access` is O_RDONLY or O_WRONLY. O_NONBLOCK belongs to the open file description, which
// the shell that started us shares, so what can be opened anew is; of the rest the flag is set,
// and put back by TerminalKeeper. Throws Failure if there is no such descriptor.
UniqueFd open_anew(int fd, int access);

}  // namespace nigh::cli
