// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string_view>

#include "base/unique_fd.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

// Standard output and error for many hosts at once. Blocks the event loop while nobody reads,
// which holds the hosts back in turn; a signal that comes meanwhile ends nigh, since nothing else
// could be done about it. When the reader has gone, nigh ends as if SIGPIPE had.
class Output {
 public:
  explicit Output(Supervisor& supervisor) : supervisor_(supervisor) {}
  void write(int fd, std::string_view text);

 private:
  // How one of them is written to without blocking for long.
  struct Way {
    explicit Way(int fd);
    UniqueFd own;  // a description of ours that does not block, if there can be one
    int fd;
    std::size_t at_once;
  };
  bool wait_until_writable(int fd);

  Supervisor& supervisor_;
  std::map<int, Way> ways_;
};

}  // namespace nigh::cli
