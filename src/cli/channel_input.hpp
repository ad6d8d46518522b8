// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <span>
#include <string>

#include "base/unique_fd.hpp"

namespace nigh::cli {

// What `nigh send` reads: a file, or with "-" standard input, without blocking the loop.
class ChannelInput {
 public:
  // Throws Failure if it cannot be opened.
  explicit ChannelInput(const std::string& file);
  async::awaitable<std::size_t> read(std::span<char> into);  // 0: the end
  // All of it. Errc::too_large over `limit`.
  async::awaitable<std::string> read_all(std::size_t limit);

 private:
  async::awaitable<void> wait() const;

  std::string name_;
  UniqueFd fd_;
};

}  // namespace nigh::cli
