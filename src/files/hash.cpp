// SPDX-License-Identifier: Apache-2.0
#include "files/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <new>

namespace nigh::files {
namespace {

Hash128 value_of(XXH128_hash_t hash) { return {hash.high64, hash.low64}; }

}  // namespace

std::string Hash128::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes, std::uint64_t seed) {
  return value_of(XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed));
}

struct Hasher::State {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> xxh3{XXH3_createState()};  // aligned as it wants
};

// Both lengths of XXH3 have the same state, which this also sets for 64 bits.
Hasher::Hasher(std::uint64_t seed) : state_(std::make_unique<State>()) {
  if (state_->xxh3 == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset_withSeed(state_->xxh3.get(), seed);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

Hasher& Hasher::add(std::string_view bytes) {
  XXH3_128bits_update(state_->xxh3.get(), bytes.data(), bytes.size());
  return *this;
}

Hash128 Hasher::finish128() const { return value_of(XXH3_128bits_digest(state_->xxh3.get())); }
std::uint64_t Hasher::finish64() const { return XXH3_64bits_digest(state_->xxh3.get()); }

}  // namespace nigh::files
