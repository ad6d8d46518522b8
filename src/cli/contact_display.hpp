// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <chrono>
#include <string>

namespace nigh::cli {

// The line that says for how long a host was not heard of, on the terminal of standard error.
// Without one it does nothing. Never blocks.
class ContactDisplay {
 public:
  ContactDisplay(std::string host, std::string way_out);

  void show(std::chrono::milliseconds since);
  void clear();

 private:
  void write(const std::string& text);

  std::string host_;
  std::string way_out_;
  bool able_;
  std::string shown_;
  WindowSize window_;  // when it was shown
};

}  // namespace nigh::cli
