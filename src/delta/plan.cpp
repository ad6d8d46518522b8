// SPDX-License-Identifier: Apache-2.0
#include "delta/plan.hpp"

#include <algorithm>

namespace nigh::delta {

namespace {

// The least cost in bytes on the wire, as far as one can guess, of finding `recoverable` bytes
// that are interrupted by `edits` among `asked`, with blocks below `block`. Rounds of falling
// block sizes: at most 13 sizes, so trying them all is cheap.
struct Estimate {
  double asked;
  double edits;
  double round_trip;

  double least(double recoverable, std::uint32_t block, std::uint32_t* choice) const {
    double best = recoverable;  // sent as it is
    for (auto finer = block / 2; finer >= kMinBlock; finer /= 2) {
      const double left = edits * finer;
      if (left >= recoverable) continue;
      const double question = round_trip + asked / finer * kBytesPerBlock;
      if (question >= best) break;
      const Estimate after{asked - recoverable + left, edits, round_trip};
      const double cost = question + after.least(left, finer, nullptr);
      if (cost >= best) continue;
      best = cost;
      if (choice != nullptr) *choice = finer;
    }
    return best;
  }
};

}  // namespace

std::uint32_t first_block(std::uint64_t basis_size) {
  constexpr std::uint64_t kUsual = 32 * 1024;
  constexpr std::uint64_t kManyBlocks = 1 << 19;
  std::uint64_t block = kMinBlock;
  // One edit: the signature and the block that it spoils are together least at this square root.
  while (block < kUsual && block * block / kBytesPerBlock < basis_size) block *= 2;
  while (block < kMaxBlock && basis_size / block > kManyBlocks) block *= 2;
  return static_cast<std::uint32_t>(block);
}

bool pays(const Regions& regions, std::uint32_t block, const Costs& costs) {
  const auto blocks = block_count({block, regions.spans});
  const auto question = blocks * kBytesPerBlock + costs.round_trip_bytes;
  return regions.recoverable > question;
}

std::optional<std::uint32_t> finer_block(const Regions& regions, std::uint32_t block,
                                         const Costs& costs) {
  const Estimate estimate{static_cast<double>(regions.bytes), static_cast<double>(regions.edits),
                          static_cast<double>(costs.round_trip_bytes)};
  std::uint32_t choice = 0;
  // The choice, not what it costs, is what is asked for.
  static_cast<void>(estimate.least(static_cast<double>(regions.recoverable), block, &choice));
  if (choice == 0) return std::nullopt;
  return choice;
}

}  // namespace nigh::delta
