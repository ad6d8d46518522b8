// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/spawn.hpp"
#include "base/unique_fd.hpp"
#include "server/link/messages.hpp"

namespace nigh::server {

// The descriptors of a process: the child's, and those that the front gets.
struct Streams {
  std::vector<UniqueFd> ours;  // stdin, stdout, stderr, as far as there are; or the terminal alone
  std::vector<UniqueFd> childs;  // closed once it runs
  std::string terminal;          // path of its user's side

  void give_to(SpawnSpec& spec) const;
};

// stdin, stdout and stderr.
Result<Streams> open_pipes();
// stdin and stdout; stderr is this process's own, which is the log.
Result<Streams> open_file_pipes();
Result<Streams> open_terminal(const Terminal& terminal);

}  // namespace nigh::server
