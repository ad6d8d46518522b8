// SPDX-License-Identifier: Apache-2.0
#include "delta/strong.hpp"

#include <xxhash.h>

namespace nigh::delta {

namespace {

constexpr std::size_t kWeakBytes = 4;
constexpr std::size_t kStrongBytes = kBytesPerBlock - kWeakBytes;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::uint64_t strong_hash(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed) & 0xff'ffff'ffffU;
}

void append_hashes(Signature& to, std::uint32_t weak, std::uint64_t strong) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<char>(weak >> shift));
  for (int shift = 32; shift >= 0; shift -= 8) to.push_back(static_cast<char>(strong >> shift));
}

std::uint32_t weak_at(std::string_view signature, std::size_t block) {
  return static_cast<std::uint32_t>(
      big_endian(signature.substr(block * kBytesPerBlock, kWeakBytes)));
}

std::uint64_t strong_at(std::string_view signature, std::size_t block) {
  return big_endian(signature.substr(block * kBytesPerBlock + kWeakBytes, kStrongBytes));
}

}  // namespace nigh::delta
