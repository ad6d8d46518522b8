// SPDX-License-Identifier: Apache-2.0
// What goes over the wire for the changes that people make: 1/32 of the goals for 1 GiB.
#include "delta/simulator_for_test.hpp"

namespace nigh::delta {

namespace {

constexpr std::size_t kScale = 32;
constexpr std::size_t kSize = (std::size_t{1} << 30) / kScale;
constexpr Costs kCosts{.round_trip_bytes = 64 * 1024 / kScale};

class Goals : public testing::Test {
 protected:
  std::size_t below(std::size_t limit) { return random() % limit; }

  void overwrite(std::string& file, std::size_t edits, std::size_t length, std::size_t align) {
    for (std::size_t i = 0; i < edits; ++i)
      file.replace(below((file.size() - length) / align) * align, length,
                   random_bytes(length, random));
  }

  Random random{20};
  std::string basis = random_bytes(kSize, random);
};

TEST_F(Goals, ScatteredPagesCostLittleMoreThanThemselves) {
  auto file = basis;
  overwrite(file, 2621 / kScale, 4096, 4096);
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.made, file);
  EXPECT_LE(outcome.sent(), 12'300'000 / kScale);
  EXPECT_LE(outcome.rounds, 3U);
}

TEST_F(Goals, ScatteredSmallEditsAreFoundInThreeLevels) {
  auto file = basis;
  overwrite(file, 2621 / kScale, 100, 1);
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.made, file);
  EXPECT_LE(outcome.sent(), 2'500'000 / kScale);
  EXPECT_LE(outcome.rounds, 4U);
}

TEST_F(Goals, InsertsCostLittleMoreThanThemselves) {
  std::vector<std::size_t> places(1000 / kScale);
  for (auto& place : places) place = below(kSize);
  std::sort(places.rbegin(), places.rend());
  auto file = basis;
  for (auto place : places) file.insert(place, random_bytes(10'700, random));
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.made, file);
  EXPECT_LE(outcome.sent(), 17'000'000 / kScale);
  EXPECT_LE(outcome.rounds, 4U);
}

TEST_F(Goals, AShiftOfTheWholeFileCostsOneSignature) {
  const auto file = random_bytes(1001, random) + basis;
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.made, file);
  EXPECT_LE(outcome.literal, 1001U);
  EXPECT_LE(outcome.signature, 20'000U);
}

TEST_F(Goals, AFileWithNothingInCommonIsAskedForOnce) {
  const auto file = random_bytes(kSize, random);
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.literal, file.size());
  EXPECT_EQ(outcome.rounds, 1U);
}

TEST_F(Goals, WhereARoundTripIsDearFewerAreMade) {
  auto file = basis;
  overwrite(file, 2621 / kScale, 100, 1);
  const auto outcome =
      simulate({.basis = basis, .file = file, .costs = {.round_trip_bytes = kSize / 64}});
  EXPECT_EQ(outcome.made, file);
  EXPECT_EQ(outcome.rounds, 2U);
}

TEST_F(Goals, AGrownFileIsOneCopyAndItsEnd) {
  const auto file = basis + random_bytes(50'000, random);
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.pieces, (std::vector<Piece>{{0, kSize, 0}, {kSize, 50'000, std::nullopt}}));
}

TEST_F(Goals, WhatIsCutOffInFrontIsOneCopy) {
  const auto file = basis.substr(777);
  const auto outcome = simulate({.basis = basis, .file = file, .costs = kCosts});
  EXPECT_EQ(outcome.made, file);
  // The rest of the block that was cut, or what finer blocks leave of it.
  EXPECT_LE(outcome.sent(), 45'000U);
}

}  // namespace

}  // namespace nigh::delta
