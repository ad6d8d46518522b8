// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "delta/passes.hpp"
#include "delta/strong.hpp"

namespace nigh::delta {

namespace {

// The blocks of one span that lie wholly in [begin, end). Returns where it got to.
Result<std::uint64_t> match_span(std::size_t number, std::uint64_t begin, std::uint64_t end,
                                 const Round& round, PieceList& pieces) {
  const auto& span = round.index.spans()[number];
  const std::uint64_t size = round.index.block_size();
  const auto skipped = begin > span.offset ? (begin - span.offset + size - 1) / size : 0;
  auto done = begin;
  for (auto i = skipped; i * size < span.length; ++i) {
    const auto block = round.index.block_of(number, i);
    const auto [at, length] = block.basis;
    if (at + length > end) break;
    auto bytes = round.file.look(at, static_cast<std::size_t>(length), end);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    if (strong_hash(bytes->substr(0, length), round.seed) != block.strong) continue;
    pieces.add_literal(done, at - done);
    pieces.add_copy(at, length, at);
    done = at + length;
  }
  return done;
}

}  // namespace

Result<PieceList> match_in_place(const PieceList& pieces, const Round& round) {
  const auto& spans = round.index.spans();
  PieceList result;
  std::size_t first = 0;  // the first span that does not end before the piece
  for (const auto& piece : pieces.pieces()) {
    if (piece.from) {
      result.add(piece);
      continue;
    }
    const auto end = piece.offset + piece.length;
    auto done = piece.offset;
    while (first < spans.size() && spans[first].offset + spans[first].length <= done) ++first;
    for (auto i = first; i < spans.size() && spans[i].offset < end; ++i) {
      auto reached = match_span(i, done, end, round, result);
      if (!reached) return std::unexpected(std::move(reached).error());
      done = *reached;
    }
    result.add_literal(done, end - done);
  }
  return result;
}

}  // namespace nigh::delta
