// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <memory>
#include <span>
#include <string>

#include "base/unique_fd.hpp"

namespace nigh::cli {

// What `nigh send` reads: a file, or with "-" standard input, without blocking the loop.
class ChannelInput {
 public:
  // Throws Failure if it cannot be opened.
  explicit ChannelInput(const std::string& file);
  ChannelInput(ChannelInput&& other) noexcept;
  ~ChannelInput();
  // Much is expected: fewer, larger reads of a pipe.
  void widen() const;
  async::awaitable<std::size_t> read(std::span<char> into);  // 0: the end
  // All of it. Errc::too_large over `limit`.
  async::awaitable<std::string> read_all(std::size_t limit);

 private:
  async::awaitable<void> wait();

  std::string name_;
  UniqueFd fd_;
  struct Readable;
  std::unique_ptr<Readable> readable_;  // once it was waited for
};

}  // namespace nigh::cli
