// SPDX-License-Identifier: Apache-2.0
#include "delta/regions.hpp"

#include <algorithm>

namespace nigh::delta {

namespace {

// Literals that are longer than so many blocks, none of which was found anywhere: most likely new
// throughout. Only their edges are asked for.
constexpr std::uint64_t kLongRun = 256;
// Data spans shorter than this on average do not decide where blocks begin.
constexpr std::uint64_t kFinestCut = 256 * 1024;

// Literal pieces between two copies, and what the basis has between those.
struct Gap {
  std::uint64_t literal = 0;          // bytes
  std::vector<Span> own;              // the same places of the basis
  std::optional<std::uint64_t> left;  // where the copy before ends in the basis
  std::optional<std::uint64_t> right;
};

class Collector {
 public:
  Collector(const BasisShape& basis, std::uint32_t block) : basis_(basis), block_(block) {}

  void add(const Gap& gap);
  Regions take(const PieceList& pieces);

 private:
  void want(const Gap& gap, std::uint64_t from, std::uint64_t to);
  void guess(std::uint64_t literal, std::uint64_t asked);

  BasisShape basis_;
  std::uint64_t block_;
  Regions regions_;
};

void Collector::want(const Gap& gap, std::uint64_t from, std::uint64_t to) {
  to = std::min(to, basis_.size);
  const auto loose = std::max(from, basis_.fixed);
  if (loose < to) regions_.spans.push_back({loose, to - loose});
  if (from >= std::min(to, basis_.fixed)) return;
  // Of the fixed part only what may stay where it is.
  for (const auto& span : common(gap.own, {{from, std::min(to, basis_.fixed) - from}}))
    regions_.spans.push_back(span);
}

// A run of unmatched blocks holds an edit each, or is new altogether: the longer, the likelier.
void Collector::guess(std::uint64_t literal, std::uint64_t asked) {
  const auto most = std::min(literal, asked);
  const auto blocks = most / block_ + 1;
  const auto likely = blocks <= 8 ? most / 2 : most / blocks * 4;
  regions_.recoverable += likely;
  regions_.edits += likely / block_ + 1;
}

void Collector::add(const Gap& gap) {
  const auto left = gap.left.value_or(0);
  const auto right = gap.right.value_or(basis_.size);
  const auto back = [&](std::uint64_t reach) { return right - std::min(right, reach); };
  if (gap.literal / block_ > kLongRun) {
    // The edit begins and ends somewhere in the blocks next to the neighbours.
    if (gap.left) want(gap, left, left + block_);
    if (gap.right) want(gap, std::max(left, back(block_)), right);
    if (gap.left || gap.right) guess(2 * block_, 2 * block_);
    return;
  }
  const auto reach = gap.literal + block_;
  if (left <= right && right - left <= 2 * reach) {
    want(gap, left, right);
    guess(gap.literal, right - left);
  } else {
    want(gap, left, left + reach);
    want(gap, back(reach), right);
    guess(gap.literal, reach);
  }
}

Regions Collector::take(const PieceList& pieces) {
  std::vector<Span> taken;
  for (const auto& piece : pieces.pieces())
    if (piece.from) taken.push_back({*piece.from, piece.length});
  regions_.spans = without(normalised(std::move(regions_.spans), basis_.size),
                           normalised(std::move(taken), basis_.size));
  regions_.bytes = total(regions_.spans);
  regions_.recoverable = std::min(regions_.recoverable, regions_.bytes);
  return std::move(regions_);
}

bool by_offset(const Span& a, const Span& b) { return a.offset < b.offset; }

// `spans`, cut where those of `at` begin and end: so blocks begin where data begins.
std::vector<Span> cut(const std::vector<Span>& spans, const std::vector<Span>& at) {
  // Not where that would double the blocks of the whole.
  if (at.size() > total(spans) / kFinestCut) return spans;
  auto result = common(spans, at);
  const auto rest = without(spans, at);
  result.insert(result.end(), rest.begin(), rest.end());
  std::sort(result.begin(), result.end(), by_offset);
  return result;
}

// Of a basis that is far larger than the new file only its ends: to read it all would take longer
// than to send the file.
std::vector<Span> near_ends(std::vector<Span> whole, std::uint64_t bytes) {
  constexpr std::uint64_t kReach = 4;
  if (whole.empty() || whole[0].length / kReach / 2 <= bytes) return whole;
  const auto [offset, length] = whole[0];
  return {{offset, kReach * bytes}, {offset + length - kReach * bytes, kReach * bytes}};
}

}  // namespace

Regions all_regions(std::uint64_t size, const std::vector<Span>& data, const BasisShape& basis) {
  const std::vector<Span> whole =
      basis.size == 0 ? std::vector<Span>() : std::vector<Span>{{0, basis.size}};
  const auto bytes = total(data);
  const auto loose = near_ends(without(whole, {{0, basis.fixed}}), bytes);
  Regions regions;
  // What is mostly holes does not shift; and the holes of the basis would all be read and hashed.
  const bool sparse = bytes < size / 4;
  regions.spans = common(whole, data);
  if (!sparse) {
    // In place, and wherever else it may have gone.
    const auto elsewhere = cut(loose, data);
    regions.spans = without(regions.spans, loose);
    regions.spans.insert(regions.spans.end(), elsewhere.begin(), elsewhere.end());
    std::sort(regions.spans.begin(), regions.spans.end(), by_offset);
  }
  regions.bytes = total(regions.spans);
  regions.recoverable = std::min(bytes, regions.bytes) / 2;
  regions.edits = 1;
  return regions;
}

Regions unmatched_regions(const PieceList& pieces, const BasisShape& basis, std::uint32_t block) {
  Collector collector(basis, block);
  Gap gap;
  for (const auto& piece : pieces.pieces()) {
    if (!piece.from) {
      gap.literal += piece.length;
      gap.own.push_back({piece.offset, piece.length});
      continue;
    }
    gap.right = piece.from;
    if (gap.literal != 0) collector.add(gap);
    gap = {.left = *piece.from + piece.length};
  }
  if (gap.literal != 0) collector.add(gap);
  return collector.take(pieces);
}

}  // namespace nigh::delta
