// SPDX-License-Identifier: Apache-2.0
// Exactly once and in order, wherever the connection breaks.
#include <gtest/gtest.h>

#include "service/session/simulation_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;

Plan small() {
  Plan plan;
  plan.out = 600;
  plan.err = 200;
  plan.input = 400;
  plan.capacity = 300;
  return plan;
}

TEST(CutsTest, AtEveryBytePositionOfAnExchange) {
  auto plan = small();
  for (bool terminal : {false, true}) {
    plan.terminal = terminal;
    Simulation whole(plan, 1);
    ASSERT_TRUE(whole.run());
    whole.check(true);
    ASSERT_GT(whole.delivered(), 1200u);
    for (std::uint64_t at = 0; at < whole.delivered(); ++at) {
      Simulation cut(plan, 1);
      cut.cut_at(at);
      ASSERT_TRUE(cut.run()) << at;
      cut.check(true);
      EXPECT_TRUE(cut.cuts() == 1 || cut.cut_before_start() || at + 20 > whole.delivered()) << at;
      if (HasFailure()) FAIL() << "cut at byte " << at;
    }
  }
}

TEST(CutsTest, AtTenThousandRandomMoments) {
  int cuts = 0;
  for (std::uint32_t seed = 0; cuts < 10'000; ++seed) {
    Plan plan;
    plan.terminal = seed % 2 == 0;
    plan.late_ends = seed % 3 != 0;
    plan.capacity = 100 + seed * 37 % 3000;
    const bool much = seed % 10 == 0;  // more than goes along with RESUME, or fits its window
    if (much) plan.input = 100'000;
    if (seed % 7 == 0) plan.signals = 150;  // more than are confirmed at once
    Simulation simulation(plan, seed);
    simulation.cut_often((much ? 100 : 10) + seed % 40);
    ASSERT_TRUE(simulation.run()) << "seed " << seed << ": " << simulation.state();
    simulation.check(true);
    cuts += simulation.cuts();
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// Whoever is much slower than others may lose output; then it is told how much, or painted.
TEST(CutsTest, OfSeveralClientsAtTenThousandRandomMoments) {
  int cuts = 0;
  std::uint64_t lost = 0;
  for (std::uint32_t seed = 0; cuts < 10'000; ++seed) {
    Plan plan;
    plan.clients = 2 + seed % 2;
    plan.terminal = seed % 4 < 2;
    plan.capacity = 500 + seed * 37 % 3000;
    if (plan.clients > 2) plan.input = 500;
    Simulation simulation(plan, seed);
    simulation.cut_often(30 + seed % 60);
    ASSERT_TRUE(simulation.run()) << "seed " << seed << ": " << simulation.state();
    simulation.check(false);
    cuts += simulation.cuts();
    lost += simulation.lost();
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(lost, 0u) << "nobody was slow";
}

}  // namespace
}  // namespace nigh::session
