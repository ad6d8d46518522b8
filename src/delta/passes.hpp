// SPDX-License-Identifier: Apache-2.0
// What an answer of the basis is good for: two passes that turn literal pieces into copies.
#pragma once

#include "delta/block_index.hpp"
#include "delta/pieces.hpp"
#include "delta/window.hpp"

namespace nigh::delta {

// What both passes work with. All outlive them.
struct Round {
  const BlockIndex& index;
  Window& file;
  std::uint64_t file_size;
  BasisShape basis;
  std::uint64_t seed;
};

// Compares each block that lies wholly in a literal piece with the same place of the new file.
Result<PieceList> match_in_place(const PieceList& pieces, const Round& round);

// Looks for blocks in the literal pieces: from both ends inwards in step with the neighbours, then
// at every offset of what is between.
Result<PieceList> search(const PieceList& pieces, const Round& round);

}  // namespace nigh::delta
