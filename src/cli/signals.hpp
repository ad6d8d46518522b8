// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::cli {

// Signals as bytes of a descriptor (signalfd), so that no work is done in handlers. From the
// constructor on they are blocked for the process and its later threads, for good: when this
// object goes, the program ends. A signal that was ignored at the start stays ignored (nohup).
class Signals {
 public:
  static Result<Signals> catching(std::initializer_list<int> signals);

  int fd() const { return fd_.get(); }  // readable when one is pending; non-blocking
  std::optional<int> next();            // takes the next; none pending: nullopt

 private:
  explicit Signals(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// "INT" for SIGINT.
std::string signal_name(int signal);

}  // namespace nigh::cli
