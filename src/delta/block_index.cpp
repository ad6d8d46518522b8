// SPDX-License-Identifier: Apache-2.0
#include "delta/block_index.hpp"

#include <algorithm>
#include <bit>

#include "delta/strong.hpp"

namespace nigh::delta {

BlockIndex::BlockIndex(const SignatureRequest& request, std::string_view signature,
                       std::uint64_t fixed)
    : request_(request), signature_(signature), filter_(signature.size() / kBytesPerBlock) {
  const std::uint64_t size = request.block;
  keys_.reserve(signature.size() / kBytesPerBlock);
  std::size_t number = 0;
  for (const auto& span : request.spans) {
    first_.push_back(number);
    for (std::uint64_t at = 0; at < span.length; at += size, ++number) {
      if (span.length - at < size || span.offset + at < fixed) continue;
      auto weak = weak_at(signature, number);
      keys_.push_back({weak, static_cast<std::uint32_t>(number)});
      filter_.add(weak);
    }
  }
  std::sort(keys_.begin(), keys_.end());
  const auto bits = std::bit_width(keys_.size() | 1U);
  shift_ = 32U - static_cast<unsigned>(bits);
  buckets_.resize((std::size_t{1} << bits) + 1);
  for (const auto& key : keys_) ++buckets_[(key.weak >> shift_) + 1];
  for (std::size_t i = 1; i < buckets_.size(); ++i) buckets_[i] += buckets_[i - 1];
}

std::span<const BlockIndex::Key> BlockIndex::with_weak(std::uint32_t weak) const {
  const auto bucket = weak >> shift_;
  const auto end = keys_.begin() + buckets_[bucket + 1];
  const auto begin = std::lower_bound(keys_.begin() + buckets_[bucket], end, Key{weak, 0});
  std::size_t count = 0;
  while (count < kMaxChain && begin + static_cast<std::ptrdiff_t>(count) != end &&
         begin[static_cast<std::ptrdiff_t>(count)].weak == weak)
    ++count;
  return {begin, count};
}

BlockIndex::Block BlockIndex::block(std::size_t number) const {
  const auto span = std::upper_bound(first_.begin(), first_.end(), number) - first_.begin() - 1;
  const auto index = static_cast<std::size_t>(span);
  return block_of(index, number - first_[index]);
}

BlockIndex::Block BlockIndex::block_of(std::size_t span, std::uint64_t number) const {
  const auto& within = request_.spans[span];
  const auto start = number * request_.block;
  const auto absolute = first_[span] + static_cast<std::size_t>(number);
  return {{within.offset + start, std::min<std::uint64_t>(request_.block, within.length - start)},
          strong_at(signature_, absolute),
          absolute};
}

std::optional<std::size_t> BlockIndex::span_with(std::uint64_t offset) const {
  const auto& spans = request_.spans;
  auto after =
      std::upper_bound(spans.begin(), spans.end(), offset,
                       [](std::uint64_t value, const Span& s) { return value < s.offset; });
  if (after == spans.begin()) return std::nullopt;
  --after;
  if (offset - after->offset >= after->length) return std::nullopt;
  return static_cast<std::size_t>(after - spans.begin());
}

std::optional<BlockIndex::Block> BlockIndex::starting_at(std::uint64_t offset) const {
  const auto span = span_with(offset);
  if (!span) return std::nullopt;
  const auto start = offset - request_.spans[*span].offset;
  if (start % request_.block != 0) return std::nullopt;
  return block_of(*span, start / request_.block);
}

std::optional<BlockIndex::Block> BlockIndex::ending_at(std::uint64_t offset) const {
  const auto span = offset == 0 ? std::nullopt : span_with(offset - 1);
  if (!span) return std::nullopt;
  auto last = block_of(*span, (offset - 1 - request_.spans[*span].offset) / request_.block);
  if (last.basis.offset + last.basis.length != offset) return std::nullopt;
  return last;
}

}  // namespace nigh::delta
