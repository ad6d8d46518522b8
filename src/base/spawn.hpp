// SPDX-License-Identifier: Apache-2.0
// Starting programs: by argv, never through a shell, with exactly the environment and descriptors
// that are named here.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh {

struct SpawnSpec {
  std::string program;  // a path; see find_program()
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // "NAME=value"
  std::string directory;                 // empty: ours
  // What becomes 0, 1 and 2. With a terminal they are ignored.
  std::array<int, 3> descriptors{0, 1, 2};
  std::string terminal;      // path of a pty's user side, which becomes the controlling terminal
  bool new_session = false;  // setsid(); implied by a terminal
};

// The child has default signal dispositions and none blocked. The Error has errno's meaning:
// Errc::not_found (program or directory), Errc::refused (not executable), …
Result<pid_t> spawn(const SpawnSpec& spec);

// `name` if it has a slash, else the first executable of that name in `path` (as PATH).
// Errc::not_found.
Result<std::string> find_program(const std::string& name, std::string_view path);

}  // namespace nigh
