// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "server/keeper/core_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;

TEST(KeeperLimitsTest, TheHundredAndFirstStrangerIsClosed) {
  World world;
  ConnectionId first = world.accept("192.0.2.1");
  for (int i = 1; i < 100; ++i) EXPECT_NE(world.accept(fmt::format("192.0.2.{}", i + 1)), 0u);
  EXPECT_EQ(world.core.unauthenticated(), 100u);
  UniqueFd socket(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  int raw = socket.get();
  world.core.accepted(std::move(socket), "198.51.100.1", 1, 0, world.now);
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1) << "its socket is closed";
  EXPECT_EQ(world.core.connections(), 100u);

  world.core.from_front(0, signed_by(world.key, first), world.now);
  world.core.from_worker(world.found(), world.now);
  EXPECT_NE(world.accept("198.51.100.1"), 0u) << "who has logged in makes room";
  EXPECT_EQ(world.accept("198.51.100.1"), 0u);
  world.core.from_front(0, Closed{first + 1, false}, world.now);
  EXPECT_NE(world.accept("198.51.100.1"), 0u) << "and so does who has left";
}

void fail_once(World& world, const std::string& source) {
  auto id = world.accept(source);
  ASSERT_NE(id, 0u);
  world.core.from_front(0, signed_by(world.key, id), world.now);
  world.core.from_worker(world.not_found(), world.now);
  world.core.from_front(0, Closed{id, false}, world.now);
}

TEST(KeeperLimitsTest, ASourceThatKeepsFailingIsTurnedAwayUntilItsPenaltyHasExpired) {
  World world;
  for (int i = 0; i < 4; ++i) fail_once(world, "2001:db8::1");  // 20 s, 15 of them tolerated
  EXPECT_EQ(world.accept("2001:db8::1"), 0u);
  EXPECT_EQ(world.accept("2001:db8::ffff"), 0u) << "the same /64";
  EXPECT_NE(world.accept("2001:db8:0:1::1"), 0u);
  world.now += 5s - 1ms;
  EXPECT_EQ(world.accept("2001:db8::1"), 0u);
  world.now += 1ms;
  EXPECT_NE(world.accept("2001:db8::1"), 0u);
}

TEST(KeeperLimitsTest, TimeoutsArePenalisedAndLoginsAndLeavingAreNot) {
  World world;
  for (int i = 0; i < 100; ++i) {
    auto id = world.accept();
    ASSERT_NE(id, 0u);
    world.core.from_front(0, Closed{id, false}, world.now);  // came and went, as a port scan does
    id = world.accept();
    world.core.from_front(0, signed_by(world.key, id), world.now);
    world.core.from_worker(world.not_found(), world.now);
    world.core.from_front(0, signed_by(world.key, id), world.now);
    world.core.from_worker(world.found(), world.now);
    world.core.from_front(0, Closed{id, true}, world.now);
  }
  for (int i = 0; i < 2; ++i) {
    auto id = world.accept();
    ASSERT_NE(id, 0u);
    world.core.from_front(0, Closed{id, true}, world.now);
  }
  EXPECT_EQ(world.accept(), 0u);
}

TEST(KeeperLimitsTest, TheWorkersDeathIsNobodysFault) {
  World world;
  for (int i = 0; i < 20; ++i) {
    auto id = world.accept();
    ASSERT_NE(id, 0u);
    world.core.from_front(0, signed_by(world.key, id), world.now);
    world.core.worker_gone();
    world.core.from_front(0, Closed{id, false}, world.now);
  }
  EXPECT_NE(world.accept(), 0u);
}

TEST(KeeperLimitsTest, WithoutPenaltiesNobodyIsTurnedAwayForFailing) {
  World world({.penalties = false});
  for (int i = 0; i < 50; ++i) fail_once(world, "192.0.2.1");
  EXPECT_NE(world.accept(), 0u);
}

}  // namespace
}  // namespace nigh::server
