// SPDX-License-Identifier: Apache-2.0
// The strong hash of a block, and how both hashes of a block stand in a signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "delta/delta.hpp"

namespace nigh::delta {

// The low 40 bits of XXH3 under the transfer's seed.
std::uint64_t strong_hash(std::string_view bytes, std::uint64_t seed);

// kBytesPerBlock of a signature.
void append_hashes(Signature& to, std::uint32_t weak, std::uint64_t strong);
std::uint32_t weak_at(std::string_view signature, std::size_t block);
std::uint64_t strong_at(std::string_view signature, std::size_t block);

}  // namespace nigh::delta
