// SPDX-License-Identifier: Apache-2.0
// Both ends of a delta over files in memory, for tests: asks until nothing is asked any more, puts
// the new file together and counts what would have been sent.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "delta/delta.hpp"

namespace nigh::delta {

inline ReadAt reader(std::string_view file) {
  return [file](std::uint64_t offset, std::span<char> into) -> Result<std::size_t> {
    if (offset >= file.size()) return std::size_t{0};
    const auto count = std::min(into.size(), file.size() - static_cast<std::size_t>(offset));
    std::memcpy(into.data(), file.data() + offset, count);
    return count;
  };
}

struct Outcome {
  std::string made;  // the new file, as the pieces make it; holes are zeros
  std::vector<Piece> pieces;
  std::uint64_t signature = 0;  // bytes
  std::uint64_t literal = 0;
  unsigned rounds = 0;
  std::uint64_t sent() const { return signature + literal; }
};

struct Case {
  std::string_view basis;
  std::string_view file;
  std::uint64_t fixed = 0;
  Costs costs = {};
  std::vector<Span> data = {};  // empty: the whole file
};

inline std::string assemble(const Case& c, const std::vector<Piece>& pieces) {
  std::string made(c.file.size(), '\0');
  for (const auto& piece : pieces) {
    EXPECT_LE(piece.offset + piece.length, c.file.size());
    auto from = piece.from ? c.basis.substr(*piece.from, piece.length)
                           : c.file.substr(piece.offset, piece.length);
    EXPECT_EQ(from.size(), piece.length) << "a piece beyond its file";
    from.copy(made.data() + piece.offset, from.size());
  }
  return made;
}

inline Outcome simulate(const Case& c, std::uint64_t seed = 7) {
  auto data = c.data;
  if (data.empty()) data = {{0, c.file.size()}};
  Matcher matcher(c.file.size(), data, {c.basis.size(), c.fixed}, seed, c.costs);
  Outcome outcome;
  while (auto request = matcher.next_request()) {
    auto signature = sign(*request, c.basis.size(), seed, reader(c.basis));
    EXPECT_TRUE(signature.has_value());
    if (!signature) break;
    EXPECT_EQ(signature->size(), block_count(*request) * kBytesPerBlock);
    outcome.signature += signature->size();
    ++outcome.rounds;
    auto answered = matcher.answer(*signature, reader(c.file));
    EXPECT_TRUE(answered.has_value());
    if (!answered) break;
  }
  outcome.pieces = matcher.pieces();
  outcome.literal = matcher.literal_bytes();
  outcome.made = assemble(c, outcome.pieces);
  return outcome;
}

using Random = std::mt19937_64;

inline std::string random_bytes(std::size_t size, Random& random) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; i += 8) {
    const auto value = random();
    std::memcpy(bytes.data() + i, &value, std::min<std::size_t>(8, size - i));
  }
  return bytes;
}

}  // namespace nigh::delta
