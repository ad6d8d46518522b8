// SPDX-License-Identifier: Apache-2.0
#include "delta/delta.hpp"

namespace nigh::delta {

std::uint64_t block_count(const SignatureRequest& request) {
  std::uint64_t count = 0;
  for (const auto& span : request.spans) count += (span.length + request.block - 1) / request.block;
  return count;
}

}  // namespace nigh::delta
