// SPDX-License-Identifier: Apache-2.0
// The weak hash of the delta: a polynomial over the bytes, modulo 2^32, which slides along a file
// one byte at a time. The multiplier comes from the transfer's seed, so nobody can prepare files
// whose blocks collide.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace nigh::delta {

// Hashes of windows of any length; bulk speed.
class WeakHash {
 public:
  explicit WeakHash(std::uint64_t seed);
  std::uint32_t operator()(std::string_view bytes) const;
  std::uint32_t multiplier() const { return multiplier_; }

 private:
  static constexpr std::size_t kStride = 256;

  std::uint32_t stride(const unsigned char* bytes) const;

  std::uint32_t multiplier_;
  std::uint32_t stride_power_;  // multiplier^kStride
  // The powers multiplier^(kStride-1)..1, cut in halves: low as signed, so that 16-bit
  // multiply-and-add instructions do the work.
  std::array<std::int16_t, kStride> low_;
  std::array<std::int16_t, kStride> high_;
};

// Marks the hashes that are looked for: nearly all of those that are not are told apart by one bit.
class WeakFilter {
 public:
  // log2 of the bits: a few sizes only, so that the loop around may_have() knows its shift.
  enum class Size : std::uint8_t { tiny = 16, small = 19, medium = 23, large = 25 };

  explicit WeakFilter(std::size_t expected);
  void add(std::uint32_t hash);
  Size size() const { return size_; }
  template <Size size>
  bool may_have(std::uint32_t hash) const {
    auto bit = hash >> (32 - static_cast<unsigned>(size));
    return (words_[bit / 64] >> (bit % 64) & 1) != 0;
  }

 private:
  Size size_;
  std::unique_ptr<std::uint64_t[]> words_;
};

// A window of fixed length that moves through bytes.
class Slider {
 public:
  Slider(const WeakHash& hash, std::size_t window);

  // Windows start at bytes[0], bytes[1], ... as long as they fit; `hash` is that of the first one.
  // Stops at the first that `filter` may have, and returns its start and puts its hash in `hash`;
  // bytes.size() - window + 1 if there is none (`hash` is then that of the last window).
  std::size_t find(std::string_view bytes, const WeakFilter& filter, std::uint32_t& hash) const;
  // The hash of the window after the one that `hash` is of.
  std::uint32_t next(std::uint32_t hash, char leaves, char enters) const {
    return hash * multiplier_ + leaving_[static_cast<unsigned char>(leaves)] +
           static_cast<unsigned char>(enters);
  }

 private:
  template <WeakFilter::Size size>
  std::size_t find_in(std::string_view bytes, const WeakFilter& filter, std::uint32_t& hash) const;

  std::size_t window_;
  std::uint32_t multiplier_;
  std::array<std::uint32_t, 3> powers_;     // multiplier_ to the power of 2, 3, 4
  std::array<std::uint32_t, 256> leaving_;  // for each byte: what its going away adds
};

}  // namespace nigh::delta
