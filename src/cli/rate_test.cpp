// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/rate_meter.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
const RateMeter::Time kStart{};

TEST(RateMeter, KnowsNothingAtFirst) {
  RateMeter meter;
  EXPECT_EQ(meter.per_second(kStart), 0);
  meter.add(kStart, 100);
  EXPECT_EQ(meter.per_second(kStart + 1s), 0);
  meter.add(kStart, 200);
  EXPECT_EQ(meter.per_second(kStart), 0);
}

TEST(RateMeter, IsTheMeanOfTheLastThreeSeconds) {
  RateMeter meter;
  for (int second = 0; second <= 10; ++second)
    meter.add(kStart + second * 1s, static_cast<std::uint64_t>(second) * 1000);
  EXPECT_DOUBLE_EQ(meter.per_second(kStart + 10s), 1000);
  // From then on twice as fast: after three seconds nothing else is known.
  for (int second = 1; second <= 3; ++second)
    meter.add(kStart + 10s + second * 1s, 10'000 + static_cast<std::uint64_t>(second) * 2000);
  EXPECT_DOUBLE_EQ(meter.per_second(kStart + 13s), 2000);
}

TEST(RateMeter, FallsWhileNothingComes) {
  RateMeter meter;
  meter.add(kStart, 0);
  meter.add(kStart + 1s, 1000);
  EXPECT_DOUBLE_EQ(meter.per_second(kStart + 2s), 500);
  for (int second = 2; second <= 6; ++second) meter.add(kStart + second * 1s, 1000);
  EXPECT_DOUBLE_EQ(meter.per_second(kStart + 6s), 0);
}

TEST(RateMeter, BeginsAnewWhenTheTotalFalls) {
  RateMeter meter;
  meter.add(kStart, 0);
  meter.add(kStart + 1s, 1000);
  meter.add(kStart + 2s, 10);
  EXPECT_EQ(meter.per_second(kStart + 2s), 0);
  meter.add(kStart + 3s, 20);
  EXPECT_DOUBLE_EQ(meter.per_second(kStart + 3s), 10);
}

TEST(TimeLeft, IsRoundedUpAndUnknownAtNoRate) {
  EXPECT_EQ(time_left(1000, 300), 4s);
  EXPECT_EQ(time_left(0, 300), 0s);
  EXPECT_EQ(time_left(1000, 0), std::nullopt);
  EXPECT_EQ(time_left(~0ULL, 1), std::nullopt);
}

}  // namespace
}  // namespace nigh::cli
