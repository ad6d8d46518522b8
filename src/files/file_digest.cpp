// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "base/text.hpp"
#include "files/hash.hpp"
#include "files/new_file.hpp"

namespace nigh::files {
namespace {

constexpr std::size_t kHash = 16;

void put_big_endian(std::uint64_t number, char* to) {
  if constexpr (std::endian::native == std::endian::little) number = __builtin_bswap64(number);
  std::memcpy(to, &number, sizeof number);
}

}  // namespace

FileDigest::FileDigest(std::uint64_t seed, std::uint64_t size)
    : seed_(seed), count_(size / kChunk + (size % kChunk != 0)) {}

void FileDigest::set(std::uint64_t chunk, const Hash128& hash) {
  expect(chunk < count_, "a chunk beyond the end of its file");
  if (hashes_.size() < (chunk + 1) * kHash) hashes_.resize((chunk + 1) * kHash);
  put_big_endian(hash.high, hashes_.data() + chunk * kHash);
  put_big_endian(hash.low, hashes_.data() + chunk * kHash + kHash / 2);
}

std::uint64_t FileDigest::count() const { return count_; }

Hash128 FileDigest::finish() const {
  expect(hashes_.size() == count_ * kHash, "the digest of a file needs all of its chunks");
  return hash128(hashes_, seed_);
}

Result<Hash128> digest_file(int fd, std::uint64_t size, std::uint64_t seed,
                            const std::string& path) {
  FileDigest digest(seed, size);
  std::string buffer(std::min(size, kChunk), '\0');
  for (std::uint64_t chunk = 0; chunk < digest.count(); ++chunk) {
    auto offset = chunk * kChunk;
    std::span piece(buffer.data(), std::min(kChunk, size - offset));
    auto got = read_full(fd, piece, offset, path);
    if (!got) return std::unexpected(got.error());
    if (*got < piece.size())
      return fail(Errc::closed, printable(path) + " became shorter while it was read");
    digest.set(chunk, hash128({piece.data(), piece.size()}, seed));
  }
  return digest.finish();
}

}  // namespace nigh::files
