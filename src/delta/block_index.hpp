// SPDX-License-Identifier: Apache-2.0
// One answer of the basis, made searchable: by weak hash, and by where a block lies.
#pragma once

#include <span>

#include "delta/delta.hpp"
#include "delta/rolling.hpp"

namespace nigh::delta {

class BlockIndex {
 public:
  struct Block {
    Span basis;  // where it lies
    std::uint64_t strong = 0;
    std::size_t number = 0;
  };
  // By weak hash, then by place.
  struct Key {
    std::uint32_t weak;
    std::uint32_t number;
    auto operator<=>(const Key&) const = default;
  };
  // At most so many blocks of one weak hash are looked at: repeated content, or a hostile peer.
  static constexpr std::size_t kMaxChain = 4;

  // `request` and `signature`, which has the size that was asked for, outlive this. Blocks that
  // begin before `fixed` are not found by their hash.
  BlockIndex(const SignatureRequest& request, std::string_view signature, std::uint64_t fixed);

  std::uint32_t block_size() const { return request_.block; }
  const std::vector<Span>& spans() const { return request_.spans; }
  const WeakFilter& filter() const { return filter_; }
  // Whole blocks only.
  std::span<const Key> with_weak(std::uint32_t weak) const;

  Block block(std::size_t number) const;
  // The number-th block of that span.
  Block block_of(std::size_t span, std::uint64_t number) const;
  std::optional<Block> starting_at(std::uint64_t offset) const;
  std::optional<Block> ending_at(std::uint64_t offset) const;

 private:
  std::optional<std::size_t> span_with(std::uint64_t offset) const;

  const SignatureRequest& request_;
  std::string_view signature_;
  std::vector<std::size_t> first_;  // for each span: the number of its first block
  std::vector<Key> keys_;           // sorted
  WeakFilter filter_;
  // For each value of a hash's upper bits: where such keys begin. A binary search in between keeps
  // its bound whatever hashes a peer makes up.
  unsigned shift_ = 0;
  std::vector<std::uint32_t> buckets_;
};

}  // namespace nigh::delta
