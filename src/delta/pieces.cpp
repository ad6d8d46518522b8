// SPDX-License-Identifier: Apache-2.0
#include "delta/pieces.hpp"

namespace nigh::delta {

namespace {

bool continues(const Piece& before, const Piece& next) {
  if (before.offset + before.length != next.offset) return false;
  if (before.from.has_value() != next.from.has_value()) return false;
  return !before.from || *before.from + before.length == *next.from;
}

}  // namespace

void PieceList::add(const Piece& piece) {
  if (piece.length == 0) return;
  if (!pieces_.empty() && continues(pieces_.back(), piece))
    pieces_.back().length += piece.length;
  else
    pieces_.push_back(piece);
}

void PieceList::add_literal(std::uint64_t offset, std::uint64_t length) {
  add({offset, length, std::nullopt});
}

void PieceList::add_copy(std::uint64_t offset, std::uint64_t length, std::uint64_t from) {
  add({offset, length, from});
}

}  // namespace nigh::delta
