// SPDX-License-Identifier: Apache-2.0
// Which parts of the basis are worth a question.
#pragma once

#include "delta/pieces.hpp"

namespace nigh::delta {

// Parts of the basis, and what hashes of their blocks may bring.
struct Regions {
  std::vector<Span> spans;        // sorted, disjoint
  std::uint64_t bytes = 0;        // of the spans
  std::uint64_t recoverable = 0;  // literal bytes that may turn out to be there: a guess
  std::uint64_t edits = 0;        // places where they are interrupted: a guess
};

// Sorted, within [0, size), merged where they touch or overlap.
std::vector<Span> normalised(std::vector<Span> spans, std::uint64_t size);
// Both normalised.
std::vector<Span> without(const std::vector<Span>& spans, const std::vector<Span>& taken);
std::vector<Span> common(const std::vector<Span>& a, const std::vector<Span>& b);
std::uint64_t total(const std::vector<Span>& spans);

// For the first question: everything that could be of use to a new file of `size` with `data`.
Regions all_regions(std::uint64_t size, const std::vector<Span>& data, const BasisShape& basis);

// After an answer in blocks of `block`: what lies in the basis where the pieces have literals.
Regions unmatched_regions(const PieceList& pieces, const BasisShape& basis, std::uint32_t block);

}  // namespace nigh::delta
