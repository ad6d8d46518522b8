// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "delta/delta.hpp"
#include "delta/rolling.hpp"
#include "delta/strong.hpp"
#include "delta/window.hpp"

namespace nigh::delta {

namespace {

Result<void> check(const SignatureRequest& request, std::uint64_t size) {
  if (request.block < kMinBlock || request.block > kMaxBlock)
    return fail(Errc::malformed, "a signature of blocks of " + std::to_string(request.block) +
                                     " bytes was asked for");
  std::uint64_t end = 0;
  for (const auto& span : request.spans) {
    if (span.length == 0 || span.offset < end)
      return fail(Errc::malformed, "the parts to be signed are empty or not in order");
    if (span.offset > size || span.length > size - span.offset)
      return fail(Errc::malformed, "a signature of what is not in the file was asked for");
    end = span.offset + span.length;
  }
  if (block_count(request) > kMaxBlocks)
    return fail(Errc::malformed, "a signature of too many blocks was asked for");
  return {};
}

}  // namespace

Result<Signature> sign(const SignatureRequest& request, std::uint64_t size, std::uint64_t seed,
                       const ReadAt& basis) {
  if (auto checked = check(request, size); !checked) return std::unexpected(checked.error());
  const WeakHash weak(seed);
  Window window(basis, window_capacity(request.block, size));
  Signature signature;
  signature.reserve(static_cast<std::size_t>(block_count(request)) * kBytesPerBlock);
  for (const auto& span : request.spans) {
    const auto end = span.offset + span.length;
    for (auto at = span.offset; at < end;) {
      const auto length =
          static_cast<std::size_t>(std::min<std::uint64_t>(request.block, end - at));
      auto bytes = window.look(at, length, end);
      if (!bytes) return std::unexpected(std::move(bytes).error());
      auto block = bytes->substr(0, length);
      append_hashes(signature, weak(block), strong_hash(block, seed));
      at += length;
    }
  }
  return signature;
}

}  // namespace nigh::delta
