// SPDX-License-Identifier: Apache-2.0
// Which message counts in which state of a connection, and what is counted and given back.
#include <gtest/gtest.h>

#include <algorithm>

#include "server/keeper/core_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;

enum class State { unknown, of_another_front, fresh, asking, refused, logged_in, closed };
enum class Message { key, token, closed };

// The connection's number; what was sent so far is forgotten.
ConnectionId bring_to(World& world, State state) {
  ConnectionId id = 1;
  if (state == State::unknown) return id;
  if (state == State::logged_in) {
    id = world.log_in();
  } else {
    id = world.accept("192.0.2.1", state == State::of_another_front ? 1 : 0);
    if (state == State::asking || state == State::refused)
      world.core.from_front(0, signed_by(world.key, id), world.now);
    if (state == State::refused) world.core.from_worker(world.not_found(), world.now);
    if (state == State::closed) world.core.from_front(0, Closed{id, false}, world.now);
  }
  world.actions.fronts.clear();
  world.actions.worker.clear();
  return id;
}

FromFront make(World& world, Message message, ConnectionId id) {
  if (message == Message::key) return signed_by(world.key, id);
  if (message == Message::token) return AuthenticateToken{id, 1, Secret("t")};
  return Closed{id, false};
}

// state x message: the rows name the states in which the message has an effect.
TEST(KeeperCoreStateTest, EveryMessageCountsOnlyInItsStates) {
  const std::vector<State> all = {State::unknown, State::of_another_front, State::fresh,
                                  State::asking,  State::refused,          State::logged_in,
                                  State::closed};
  const std::vector<std::pair<Message, std::vector<State>>> table = {
      {Message::key, {State::fresh, State::refused}},
      {Message::token, {State::fresh, State::refused}},
      {Message::closed, {State::fresh, State::asking, State::refused, State::logged_in}},
  };
  for (const auto& [message, allowed] : table)
    for (auto state : all) {
      World world;
      auto id = bring_to(world, state);
      auto connections = world.core.connections();
      world.core.from_front(0, make(world, message, id), world.now);
      const bool acted = message == Message::closed ? world.core.connections() < connections
                                                    : !world.actions.worker.empty();
      EXPECT_EQ(acted, std::ranges::find(allowed, state) != allowed.end())
          << "message " << static_cast<int>(message) << " in state " << static_cast<int>(state);
      EXPECT_TRUE(world.actions.fronts.empty());
    }
}

TEST(KeeperCoreStateTest, AnAnswerForAConnectionThatHasClosedReleasesItsGrant) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, signed_by(world.key, id), world.now);
  auto answer = world.found("late");
  world.core.from_front(0, Closed{id, false}, world.now);
  world.actions.fronts.clear();
  world.core.from_worker(answer, world.now);
  EXPECT_TRUE(world.actions.fronts.empty());
  ASSERT_NE(world.actions.last_to_worker<ReleaseGrant>(), nullptr);
  EXPECT_EQ(world.actions.last_to_worker<ReleaseGrant>()->grant, "late");
}

TEST(KeeperCoreStateTest, AnAnswerCountsOnce) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, signed_by(world.key, id), world.now);
  auto answer = world.not_found();
  world.core.from_worker(answer, world.now);
  world.actions.fronts.clear();
  world.core.from_worker(answer, world.now);
  answer.request = 999;
  world.core.from_worker(answer, world.now);
  EXPECT_TRUE(world.actions.fronts.empty());
}

TEST(KeeperCoreStateTest, AClosedLoginGivesItsGrantBackOnce) {
  World world;
  auto id = world.log_in("192.0.2.1", 0, "mine");
  world.core.from_front(0, Closed{id, false}, world.now);
  ASSERT_NE(world.actions.last_to_worker<ReleaseGrant>(), nullptr);
  EXPECT_EQ(world.actions.last_to_worker<ReleaseGrant>()->grant, "mine");
  auto sent = world.actions.worker.size();
  world.core.from_front(0, Closed{id, false}, world.now);
  EXPECT_EQ(world.actions.worker.size(), sent);
}

TEST(KeeperCoreStateTest, AFrontThatDiesTakesOnlyItsOwnConnections) {
  World world;
  world.log_in("192.0.2.1", 0, "of front 0");
  auto kept = world.log_in("192.0.2.1", 1, "of front 1");
  world.accept("192.0.2.1", 0);
  auto stranger = world.accept("192.0.2.1", 1);
  world.actions.worker.clear();
  world.core.front_gone(0);
  ASSERT_EQ(world.actions.worker.size(), 1u);
  EXPECT_EQ(world.actions.last_to_worker<ReleaseGrant>()->grant, "of front 0");
  EXPECT_EQ(world.core.connections(), 2u);
  EXPECT_EQ(world.core.unauthenticated(), 1u);
  world.core.from_front(1, Closed{kept, false}, world.now);
  world.core.from_front(1, Closed{stranger, false}, world.now);
  EXPECT_EQ(world.core.connections(), 0u);
  EXPECT_EQ(world.core.unauthenticated(), 0u);
}

TEST(KeeperCoreStateTest, WhenTheWorkerDiesTheNextIsAskedForEverybodyWhoWaits) {
  World world;
  std::vector<ConnectionId> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(world.accept());
    world.core.from_front(0, signed_by(world.key, waiting.back()), world.now);
  }
  auto late = world.found("of a dead worker");
  world.core.from_front(0, Closed{waiting[0], false}, world.now);
  world.actions.fronts.clear();
  world.actions.worker.clear();
  world.core.worker_gone();
  EXPECT_TRUE(world.actions.fronts.empty()) << "a refusal would be final";
  ASSERT_EQ(world.actions.worker.size(), 2u);
  world.core.from_worker(late, world.now);
  EXPECT_TRUE(world.actions.fronts.empty()) << "what the dead worker said does not count";
  world.core.from_worker(world.found(), world.now);
  auto* verdict = world.actions.last_to_front<Verdict>();
  ASSERT_NE(verdict, nullptr);
  EXPECT_TRUE(verdict->accepted);
  EXPECT_EQ(verdict->connection, waiting[2]);
}

TEST(KeeperCoreStateTest, TheNextWorkerIsAskedForATokenToo) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, AuthenticateToken{id, 7, Secret("token")}, world.now);
  const auto asked = std::get<LookUpToken>(world.actions.worker.back());
  world.core.worker_gone();
  const auto again = std::get<LookUpToken>(world.actions.worker.back());
  EXPECT_EQ(again.hash, asked.hash);
  EXPECT_EQ(again.source, asked.source);
  EXPECT_NE(again.request, asked.request);
  world.core.from_worker(world.found(), world.now);
  EXPECT_TRUE(world.actions.last_to_front<Verdict>()->accepted);
}

TEST(KeeperCoreStateTest, ALoginOfWhichWorkersDieIsRefusedInTheEnd) {
  World world;
  world.core.from_front(0, signed_by(world.key, world.accept()), world.now);
  world.actions.fronts.clear();
  for (int i = 0; i < 2; ++i) world.core.worker_gone();
  EXPECT_TRUE(world.actions.fronts.empty());
  world.core.worker_gone();
  ASSERT_NE(world.actions.last_to_front<Verdict>(), nullptr);
  EXPECT_FALSE(world.actions.last_to_front<Verdict>()->accepted);
}

TEST(KeeperCoreStateTest, GrantsOfADeadWorkerAreNotReleasedToTheNextOne) {
  World world;
  auto id = world.log_in();
  world.core.worker_gone();
  world.actions.worker.clear();
  world.core.from_front(0, Closed{id, false}, world.now);
  EXPECT_TRUE(world.actions.worker.empty());
}

}  // namespace
}  // namespace nigh::server
