// SPDX-License-Identifier: Apache-2.0
#include "delta/rolling.hpp"

#include <algorithm>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/error.hpp"

namespace nigh::delta {

namespace {

// 5 modulo 8: the multipliers with the longest period modulo 2^32.
std::uint32_t multiplier_for(std::uint64_t seed) {
  seed = (seed ^ (seed >> 31)) * 0x9e3779b97f4a7c15U;
  return (static_cast<std::uint32_t>(seed >> 32) & ~7U) | 5U;
}

std::uint32_t power(std::uint32_t base, std::size_t exponent) {
  std::uint32_t result = 1;
  for (; exponent != 0; exponent >>= 1, base *= base)
    if ((exponent & 1) != 0) result *= base;
  return result;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Bits a hash: at most one window in so many passes the filter in vain (the largest excepted). Each
// that does costs as much as a hundred that do not.
constexpr std::size_t kFilterRoom = 256;

WeakFilter::Size filter_size(std::size_t expected) {
  using enum WeakFilter::Size;
  for (auto size : {tiny, small, medium})
    if (expected * kFilterRoom <= std::size_t{1} << static_cast<unsigned>(size)) return size;
  return large;
}

}  // namespace

WeakHash::WeakHash(std::uint64_t seed)
    : multiplier_(multiplier_for(seed)), stride_power_(power(multiplier_, kStride)) {
  std::uint32_t weight = 1;
  for (std::size_t i = kStride; i-- > 0; weight *= multiplier_) {
    low_[i] = static_cast<std::int16_t>(weight & 0xffff);
    // Where low is negative it stands for 2^16 less than it should: high makes up for it.
    high_[i] = static_cast<std::int16_t>((weight >> 16) + (weight >> 15 & 1));
  }
}

#ifdef __SSE2__
std::uint32_t WeakHash::stride(const unsigned char* bytes) const {
  auto at = [](const auto* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  };
  const auto zero = _mm_setzero_si128();
  auto low = zero;  // four sums of 64 products each: far from overflow
  auto high = zero;
  for (std::size_t i = 0; i < kStride; i += 16) {
    auto part = at(bytes + i);
    auto first = _mm_unpacklo_epi8(part, zero);
    auto second = _mm_unpackhi_epi8(part, zero);
    low = _mm_add_epi32(low, _mm_madd_epi16(first, at(&low_[i])));
    low = _mm_add_epi32(low, _mm_madd_epi16(second, at(&low_[i + 8])));
    high = _mm_add_epi32(high, _mm_madd_epi16(first, at(&high_[i])));
    high = _mm_add_epi32(high, _mm_madd_epi16(second, at(&high_[i + 8])));
  }
  auto sum = _mm_add_epi32(low, _mm_slli_epi32(high, 16));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(sum));
}
#else
std::uint32_t WeakHash::stride(const unsigned char* bytes) const {
  std::int32_t low = 0;  // at most 256 * 255 * 2^15, which fits
  std::int32_t high = 0;
  for (std::size_t i = 0; i < kStride; ++i) {
    low += static_cast<std::int32_t>(bytes[i]) * low_[i];
    high += static_cast<std::int32_t>(bytes[i]) * high_[i];
  }
  return static_cast<std::uint32_t>(low) + (static_cast<std::uint32_t>(high) << 16);
}
#endif

std::uint32_t WeakHash::operator()(std::string_view bytes) const {
  std::uint32_t hash = 0;
  const auto* at = raw(bytes);
  const auto* end = at + bytes.size();
  for (; end - at >= static_cast<std::ptrdiff_t>(kStride); at += kStride)
    hash = hash * stride_power_ + stride(at);
  for (; at != end; ++at) hash = hash * multiplier_ + *at;
  return hash;
}

WeakFilter::WeakFilter(std::size_t expected)
    : size_(filter_size(expected)),
      words_(std::make_unique<std::uint64_t[]>((std::size_t{1} << static_cast<unsigned>(size_)) /
                                               64)) {}

void WeakFilter::add(std::uint32_t hash) {
  auto bit = hash >> (32 - static_cast<unsigned>(size_));
  words_[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

Slider::Slider(const WeakHash& hash, std::size_t window)
    : window_(window), multiplier_(hash.multiplier()) {
  // Kept, not worked out in the loop: the compiler would turn that back into one long chain.
  for (std::size_t i = 0; i < powers_.size(); ++i) powers_[i] = power(multiplier_, i + 2);
  auto gone = 0U - power(multiplier_, window);
  for (std::uint32_t byte = 0; byte < leaving_.size(); ++byte) leaving_[byte] = byte * gone;
}

std::size_t Slider::find(std::string_view bytes, const WeakFilter& filter,
                         std::uint32_t& hash) const {
  using enum WeakFilter::Size;
  switch (filter.size()) {
    case tiny:
      return find_in<tiny>(bytes, filter, hash);
    case small:
      return find_in<small>(bytes, filter, hash);
    case medium:
      return find_in<medium>(bytes, filter, hash);
    case large:
      return find_in<large>(bytes, filter, hash);
  }
  bug("a filter of no known size");
}

template <WeakFilter::Size size>
std::size_t Slider::find_in(std::string_view bytes, const WeakFilter& filter,
                            std::uint32_t& hash) const {
  const auto* leaves = raw(bytes);
  const auto* enters = leaves + window_;
  const std::size_t last = bytes.size() - window_;
  const auto m = multiplier_;
  const auto [m2, m3, m4] = powers_;
  auto h0 = hash;
  std::size_t at = 0;
  auto step = [&](std::size_t ahead) { return leaving_[leaves[at + ahead]] + enters[at + ahead]; };
  auto seen = [&](std::uint32_t h) { return filter.template may_have<size>(h); };
  for (;;) {
    // Four windows a turn: only the multiplication by m4 waits for the turn before.
    for (; at + 4 <= last; at += 4) {
      auto part1 = step(0);
      auto part2 = part1 * m + step(1);
      auto part3 = part2 * m + step(2);
      auto part4 = part3 * m + step(3);
      auto h1 = h0 * m + part1;
      auto h2 = h0 * m2 + part2;
      auto h3 = h0 * m3 + part3;
      if (seen(h0) || seen(h1) || seen(h2) || seen(h3)) [[unlikely]]
        break;
      h0 = h0 * m4 + part4;
    }
    // The four that stopped the turn, or the last few.
    for (const auto end = std::min(at + 4, last + 1); at < end; ++at) {
      hash = h0;
      if (seen(h0)) return at;
      if (at == last) return last + 1;
      h0 = h0 * m + step(0);
    }
  }
}

}  // namespace nigh::delta
