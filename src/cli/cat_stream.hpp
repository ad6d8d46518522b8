// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "cli/file_work.hpp"

namespace nigh::cli {

// Copies one file to standard output. Several blocks are on their way at a time, so that a long
// connection is full; they are written in their order.
class CatStream {
 public:
  CatStream(async::File file, FileWork& work, const boost::asio::any_io_executor& executor);
  async::awaitable<void> run();

 private:
  async::awaitable<void> lane();
  async::awaitable<void> wait_for_turn(std::uint64_t offset);

  async::File file_;
  FileWork& work_;
  boost::asio::steady_timer turn_;  // cancelled when a block was written
  std::uint64_t next_ = 0;          // to ask for
  std::uint64_t written_ = 0;
  bool ended_ = false;
};

}  // namespace nigh::cli
