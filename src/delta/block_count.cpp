// SPDX-License-Identifier: Apache-2.0
#include "delta/delta.hpp"

namespace nigh::delta {

std::uint64_t block_count(const SignatureRequest& request) {
  if (request.block == 0) return 0;
  std::uint64_t count = 0;
  for (const auto& span : request.spans)
    count += span.length / request.block + (span.length % request.block != 0 ? 1 : 0);
  return count;
}

}  // namespace nigh::delta
