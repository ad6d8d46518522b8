// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "delta/plan.hpp"
#include "delta/regions.hpp"

namespace nigh::delta {

namespace {

using Spans = std::vector<Span>;

TEST(Spans, AreSortedClippedAndMerged) {
  EXPECT_EQ(normalised({{50, 10}, {0, 10}, {10, 5}, {58, 100}, {200, 5}, {20, 0}}, 100),
            (Spans{{0, 15}, {50, 50}}));
  EXPECT_EQ(normalised({{90, UINT64_MAX}}, 100), (Spans{{90, 10}}));
}

TEST(Spans, LessOthersAreWhatIsBetween) {
  EXPECT_EQ(without({{0, 100}, {200, 10}}, {{10, 10}, {90, 20}, {205, 1}}),
            (Spans{{0, 10}, {20, 70}, {200, 5}, {206, 4}}));
  EXPECT_EQ(without({{5, 5}}, {{0, 100}}), Spans{});
  EXPECT_EQ(common({{0, 100}, {200, 10}}, {{90, 115}}), (Spans{{90, 10}, {200, 5}}));
}

TEST(Regions, AreTheGapsOfTheBasisWhereLiteralsAre) {
  PieceList pieces;
  pieces.add_copy(0, 4000, 0);
  pieces.add_literal(4000, 1000);
  pieces.add_copy(5000, 4000, 4800);
  pieces.add_literal(9000, 100);
  const auto regions = unmatched_regions(pieces, {10'000, 0}, 1000);
  EXPECT_EQ(regions.spans, (Spans{{4000, 800}, {8800, 1200}}));
  EXPECT_EQ(regions.bytes, 2000U);
  EXPECT_LE(regions.recoverable, 900U);
}

TEST(Regions, OfABasisThatHasMuchMoreThereAreOnlyItsEnds) {
  PieceList pieces;
  pieces.add_copy(0, 1000, 0);
  pieces.add_literal(1000, 500);
  pieces.add_copy(1500, 1000, 90'000);
  EXPECT_EQ(unmatched_regions(pieces, {100'000, 0}, 1000).spans,
            (Spans{{1000, 1500}, {88'500, 1500}}));
}

TEST(Regions, OfTheFixedPartAreOnlyTheirOwnPlaces) {
  PieceList pieces;
  pieces.add_copy(0, 1000, 0);
  pieces.add_literal(1000, 500);
  pieces.add_copy(1500, 500, 1500);
  pieces.add_literal(2000, 1500);
  EXPECT_EQ(unmatched_regions(pieces, {3000, 2500}, 1000).spans,
            (Spans{{1000, 500}, {2000, 1000}}));
  EXPECT_EQ(all_regions(2000, {{0, 800}, {1000, 1000}}, {3000, 2500}).spans,
            (Spans{{0, 800}, {1000, 1000}, {2500, 500}}));
}

TEST(Regions, OfABasisThatIsFarLargerThanTheFileThereAreOnlyItsEnds) {
  const auto size = std::uint64_t{1} << 60;
  EXPECT_EQ(all_regions(1000, {{0, 1000}}, {size, 0}).spans,
            (Spans{{0, 4000}, {size - 4000, 4000}}));
}

TEST(Plan, TheFirstBlockGrowsWithTheFile) {
  EXPECT_EQ(first_block(0), kMinBlock);
  EXPECT_EQ(first_block(1 << 20), 4096U);
  EXPECT_EQ(first_block(std::uint64_t{1} << 30), 32U * 1024);
  EXPECT_EQ(first_block(std::uint64_t{16} << 30), 32U * 1024);
  EXPECT_EQ(first_block(std::uint64_t{1} << 40), kMaxBlock);
  EXPECT_EQ(first_block(UINT64_MAX), kMaxBlock);
}

TEST(Plan, AQuestionThatCostsMoreThanItMaySaveIsNotAsked) {
  const Regions regions{{{0, 100'000}}, 100'000, 40'000, 10};
  EXPECT_TRUE(finer_block(regions, 32 * 1024, {.round_trip_bytes = 1000}).has_value());
  EXPECT_FALSE(finer_block(regions, 32 * 1024, {.round_trip_bytes = 39'000}).has_value());
  EXPECT_FALSE(finer_block(regions, kMinBlock, {.round_trip_bytes = 0}).has_value());
}

}  // namespace

}  // namespace nigh::delta
