// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::io {

// A non-blocking descriptor for a stream that we share with other processes (the user's shell, a
// pipeline). O_NONBLOCK belongs to the open file description, so setting it on fd 0 would set it
// for the shell too. Pipes and terminals are therefore opened anew; where that is not permitted
// (sockets, a terminal of another user) the flag is set, and put back by the destructor.
class StandardStream {
 public:
  enum class For { reading, writing };
  // Errc::system, naming the stream, if `fd` is not open.
  static Result<StandardStream> open(int fd, For direction);

  StandardStream(StandardStream&& other) noexcept;
  StandardStream& operator=(StandardStream&&) = delete;
  ~StandardStream();

  // Gives up the descriptor; the destructor still restores the flag.
  UniqueFd take() { return std::move(fd_); }

 private:
  StandardStream() = default;
  UniqueFd fd_;
  UniqueFd restore_;  // where the flag was set; invalid: nothing to restore
  int flags_ = 0;
};

}  // namespace nigh::io
