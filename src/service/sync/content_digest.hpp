// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "files/hash.hpp"

namespace nigh::sync {

// A files::FileDigest of bytes that come in the order of their offsets; what is skipped is zeros.
class ContentDigest {
 public:
  ContentDigest(std::uint64_t seed, std::uint64_t size);
  // Errc::malformed if it lies before what was added, or beyond the size.
  Result<void> add(std::uint64_t offset, std::string_view bytes);
  std::uint64_t position() const { return position_; }
  files::Hash128 finish();  // the rest is zeros

 private:
  void add_zeros(std::uint64_t count);
  void add_in_chunk(std::string_view bytes);
  void end_chunk();

  std::uint64_t seed_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
  files::FileDigest digest_;
  files::Hasher chunk_;
};

// The same of bytes that are all there: at most one chunk.
files::Hash128 digest_of(std::string_view bytes, std::uint64_t seed);

}  // namespace nigh::sync
