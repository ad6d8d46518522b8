// SPDX-License-Identifier: Apache-2.0
// The list of pieces while it grows: in order, and never two where one would do.
#pragma once

#include "delta/delta.hpp"

namespace nigh::delta {

class PieceList {
 public:
  // Both do nothing for a length of 0.
  void add_literal(std::uint64_t offset, std::uint64_t length);
  void add_copy(std::uint64_t offset, std::uint64_t length, std::uint64_t from);
  void add(const Piece& piece);

  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
};

}  // namespace nigh::delta
