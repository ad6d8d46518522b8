// SPDX-License-Identifier: Apache-2.0
#include "delta/simulator_for_test.hpp"

namespace nigh::delta {

namespace {

constexpr std::size_t kMiB = 1 << 20;

TEST(Delta, AnUnchangedFileIsOneCopy) {
  Random random(1);
  const auto file = random_bytes(3 * kMiB + 17, random);
  const auto outcome = simulate({file, file});
  EXPECT_EQ(outcome.pieces, (std::vector<Piece>{{0, file.size(), 0}}));
  EXPECT_EQ(outcome.rounds, 1U);
}

}  // namespace

}  // namespace nigh::delta
