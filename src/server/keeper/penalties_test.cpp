// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/penalties.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr Penalties::Time kStart{1h};

TEST(PenaltyKeyTest, AnIpv6SourceCountsByItsFirst64Bits) {
  EXPECT_EQ(penalty_key("2001:db8:1:2::1"), penalty_key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(penalty_key("2001:db8:1:2::1"), penalty_key("2001:db8:1:3::1"));
  EXPECT_EQ(penalty_key("2001:db8:1:2::1").size(), 8u);
  EXPECT_EQ(penalty_key("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(penalty_key("fe80::1%eth0"), "fe80::1%eth0");
  EXPECT_EQ(penalty_key("?"), "?");
}

TEST(PenaltyKeyTest, WhoComesOverARelayCountsByHisAddressThere) {
  EXPECT_EQ(penalty_key("relay:b/192.0.2.1"), "relay:b/192.0.2.1");
  EXPECT_EQ(penalty_key("relay:b/2001:db8:1:2::1"), penalty_key("relay:b/2001:db8:1:2::9"));
  EXPECT_NE(penalty_key("relay:b/2001:db8:1:2::1"), penalty_key("relay:c/2001:db8:1:2::1"));
  EXPECT_NE(penalty_key("relay:b/2001:db8:1:2::1"), penalty_key("2001:db8:1:2::1"));
}

TEST(PenaltiesTest, ASourceIsTurnedAwayOnceItOwesMoreThanIsTolerated) {
  Penalties penalties;
  penalties.add("a", 15s, kStart);
  EXPECT_FALSE(penalties.turned_away("a", kStart));
  penalties.add("a", 1s, kStart);
  EXPECT_TRUE(penalties.turned_away("a", kStart));
  EXPECT_FALSE(penalties.turned_away("b", kStart));
  EXPECT_FALSE(penalties.turned_away("a", kStart + 1s));
}

TEST(PenaltiesTest, ADebtIsPaidOffByTimeAndHasALimit) {
  Penalties penalties;
  for (int i = 0; i < 1000; ++i) penalties.add("a", 10s, kStart);
  auto free_again = kStart + Penalties::kMost - Penalties::kTolerated;
  EXPECT_TRUE(penalties.turned_away("a", free_again - 1s));
  EXPECT_FALSE(penalties.turned_away("a", free_again));
  penalties.add("a", 5s, kStart + 1h);
  EXPECT_FALSE(penalties.turned_away("a", kStart + 1h)) << "what expired does not count again";
}

TEST(PenaltiesTest, AFloodFromEverywhereNeitherGrowsTheTableNorClearsIt) {
  Penalties penalties;
  penalties.add("the worst", 100s, kStart);
  for (std::size_t i = 0; i < Penalties::kMaxSources + 10; ++i)
    penalties.add(fmt::format("{}", i), 30s, kStart);
  EXPECT_TRUE(penalties.turned_away("the worst", kStart));
  EXPECT_FALSE(penalties.turned_away(fmt::format("{}", Penalties::kMaxSources + 9), kStart));
  penalties.add("later", 30s, kStart + 40s);
  EXPECT_TRUE(penalties.turned_away("later", kStart + 40s)) << "expired ones make room";
}

}  // namespace
}  // namespace nigh::server
