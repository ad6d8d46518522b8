// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace nigh::cli {

// Standard input in pieces of up to 1 MiB; several may wait for one at a time. Leaves O_NONBLOCK of
// the descriptor, which others share, as it is.
class InputReader {
 public:
  InputReader();
  ~InputReader();

  struct Piece {
    std::uint64_t offset = 0;
    std::string bytes;  // empty: the end
  };
  async::awaitable<Piece> next();

 private:
  async::awaitable<void> wait();
  static bool is_readable();
  Piece take();

  std::uint64_t offset_ = 0;
  bool ended_ = false;
  struct Descriptor;
  std::unique_ptr<Descriptor> descriptor_;
};

}  // namespace nigh::cli
