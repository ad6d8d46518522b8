// SPDX-License-Identifier: Apache-2.0
#include "service/sync/content_digest.hpp"

#include <algorithm>

namespace nigh::sync {
namespace {

const std::string& zeros() {
  static const std::string bytes(files::kChunk, '\0');
  return bytes;
}

}  // namespace

ContentDigest::ContentDigest(std::uint64_t seed, std::uint64_t size)
    : seed_(seed), size_(size), digest_(seed, size), chunk_(seed) {}

void ContentDigest::end_chunk() {
  digest_.set((position_ - 1) / files::kChunk, chunk_.finish128());
  chunk_ = files::Hasher(seed_);
}

void ContentDigest::add_in_chunk(std::string_view bytes) {
  chunk_.add(bytes);
  position_ += bytes.size();
  if (position_ % files::kChunk == 0 || position_ == size_) end_chunk();
}

void ContentDigest::add_zeros(std::uint64_t count) {
  while (count > 0) {
    auto room = files::kChunk - position_ % files::kChunk;
    auto size = std::min(count, room);
    add_in_chunk(std::string_view(zeros()).substr(0, size));
    count -= size;
  }
}

Result<void> ContentDigest::add(std::uint64_t offset, std::string_view bytes) {
  if (offset < position_ || offset > size_ || bytes.size() > size_ - offset)
    return fail(Errc::malformed, "transfer: data out of place");
  add_zeros(offset - position_);
  while (!bytes.empty()) {
    auto room = files::kChunk - position_ % files::kChunk;
    auto piece = bytes.substr(0, room);
    add_in_chunk(piece);
    bytes.remove_prefix(piece.size());
  }
  return {};
}

files::Hash128 ContentDigest::finish() {
  add_zeros(size_ - position_);
  return digest_.finish();
}

files::Hash128 digest_of(std::string_view bytes, std::uint64_t seed) {
  expect(bytes.size() <= files::kChunk, "only short content is hashed at once");
  files::FileDigest digest(seed, bytes.size());
  if (!bytes.empty()) digest.set(0, files::hash128(bytes, seed));
  return digest.finish();
}

}  // namespace nigh::sync
