// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <string>

#include "cli/transfer_input.hpp"

namespace nigh::cli {

// Standard input as a file on a host: written beside it under another name, and renamed when it is
// complete. Must outlive its coroutines.
class Upload {
 public:
  // `path` as <nigh/files.hpp> has it; it names the file itself.
  Upload(async::Host host, std::string path, Sync sync);

  async::awaitable<void> run();
  async::awaitable<void> discard();  // what is there when run() did not end well

 private:
  async::awaitable<void> find_target();
  async::awaitable<void> take_mode();
  async::awaitable<void> lane();

  async::Host host_;
  std::string path_;
  std::string temporary_;
  std::optional<std::uint32_t> mode_;  // of the file that was there
  Sync sync_;
  InputReader input_;
  async::File file_;
  bool begun_ = false;
};

// Beside `path`, hidden.
std::string temporary_beside(const std::string& path, std::uint64_t number);
// Where a link at `path` leads to.
std::string link_target(const std::string& path, const std::string& target);

}  // namespace nigh::cli
