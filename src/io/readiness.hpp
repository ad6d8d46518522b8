// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "base/unique_fd.hpp"
#include "io/asio.hpp"

namespace nigh::io {

// Owns a descriptor and calls back, from the event loop, when it is ready. Works for everything
// that can be a standard stream: what epoll cannot watch (files, /dev/null) is always ready.
class Readiness {
 public:
  // hangup: a socket whose other end is closed, also while it has bytes that nobody reads.
  enum class For { reading, writing, hangup };
  Readiness(const asio::any_io_executor& executor, UniqueFd fd, For direction,
            std::function<void()> callback);
  // The same descriptor for another purpose. It is closed with the last that has it.
  Readiness(const Readiness& other, For direction, std::function<void()> callback);
  ~Readiness();

  int fd() const;
  // One callback, when ready (or broken). Does nothing while one is due. After the destructor there
  // is none.
  void arm();

 private:
  struct Descriptor;
  struct State;
  std::shared_ptr<State> state_;  // shared with the wait in flight, which may outlive this object
};

}  // namespace nigh::io
