// SPDX-License-Identifier: Apache-2.0
// XXH3, seeded anew for each transfer: for change detection and end-to-end checks among peers that
// TLS has authenticated. Not against somebody who chooses the bytes and knows the seed: there
// SHA-256.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::files {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
  std::string hex() const;
};

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed);
Hash128 hash128(std::string_view bytes, std::uint64_t seed);

// The same over pieces.
class Hasher {
 public:
  explicit Hasher(std::uint64_t seed);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();
  Hasher& add(std::string_view bytes);
  Hash128 finish128() const;
  std::uint64_t finish64() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A file's digest: the hash of the hashes of its chunks of 4 MiB (the last may be shorter), each as
// 16 bytes big-endian. So chunks may be read, sent and written in any order.
inline constexpr std::uint64_t kChunk = 4 << 20;
class FileDigest {
 public:
  FileDigest(std::uint64_t seed, std::uint64_t size);
  void set(std::uint64_t chunk, const Hash128& hash);  // chunk < count()
  std::uint64_t count() const;
  Hash128 finish() const;  // all chunks were set

 private:
  std::uint64_t seed_;
  std::uint64_t count_;
  std::string hashes_;  // up to the last chunk that was set: a size is only a peer's word
};
// Of what is in a file now, up to `size`; a file that is shorter: Errc::closed.
Result<Hash128> digest_file(int fd, std::uint64_t size, std::uint64_t seed,
                            const std::string& path);

// 32 bytes, of a whole file, with OpenSSL's implementation.
Result<std::string> sha256_file(int fd, const std::string& path);

}  // namespace nigh::files
