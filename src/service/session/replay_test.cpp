// SPDX-License-Identifier: Apache-2.0
#include "service/session/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "service/session/input_queue.hpp"

namespace nigh::session {
namespace {

std::string all(const Replay& replay, std::uint64_t from) {
  std::string out;
  while (from + out.size() < replay.end()) out += replay.at(from + out.size());
  return out;
}

TEST(ReplayTest, BytesAreThereByTheirOffsetUntilTheyAreReleased) {
  Replay replay(1000);
  EXPECT_EQ(replay.append("hello world"), 11u);
  EXPECT_EQ(replay.at(6), "world");
  replay.release(6);
  EXPECT_EQ(replay.begin(), 6u);
  EXPECT_EQ(replay.append("!"), 1u);
  EXPECT_EQ(replay.at(6), "world!");
  EXPECT_EQ(replay.at(12), "");
  replay.release(3);
  EXPECT_EQ(replay.begin(), 6u) << "what is gone stays gone";
  replay.release(12);
  EXPECT_EQ(replay.size(), 0u);
  replay.append("again");
  EXPECT_EQ(replay.at(12), "again");
}

TEST(ReplayTest, AFullOneTakesNothing) {
  Replay replay(10);
  EXPECT_EQ(replay.append("0123456789abc"), 10u);
  EXPECT_TRUE(replay.room().empty());
  replay.release(4);
  EXPECT_EQ(replay.room().size(), 4u);
  EXPECT_EQ(replay.append("abcdef"), 4u);
  EXPECT_EQ(replay.at(4), "456789abcd");
}

TEST(ReplayTest, WhatIsReadIntoItsRoomCounts) {
  Replay replay(1 << 20);
  auto room = replay.room();
  EXPECT_EQ(room.size(), Replay::kBlock);
  std::ranges::fill(room.first(5), 'x');
  replay.commit(5);
  EXPECT_EQ(replay.at(0), "xxxxx");
  EXPECT_EQ(replay.room().size(), Replay::kBlock - 5);
  replay.commit(0);
  EXPECT_EQ(replay.end(), 5u);
}

TEST(ReplayTest, AnyPiecesGiveTheSameBytes) {
  std::mt19937 random(7);
  Replay replay(300'000);
  std::string model;
  std::uint64_t gone = 0;
  for (int i = 0; i < 3000; ++i) {
    if (random() % 2 == 0) {
      std::string bytes(random() % 30'000, '\0');
      for (auto& c : bytes) c = static_cast<char>(random());
      model += bytes.substr(0, replay.append(bytes));
    } else {
      auto upto = replay.begin() + random() % (replay.size() + 1);
      replay.release(upto);
      model.erase(0, upto - gone);
      gone = upto;
    }
    ASSERT_EQ(replay.size(), model.size());
    auto from = gone + (model.empty() ? 0 : random() % model.size());
    if (i % 100 == 0) ASSERT_EQ(all(replay, from), model.substr(from - gone));
  }
}

TEST(ReplayTest, TheLastLinesAreFoundAcrossBlocks) {
  Replay replay(1 << 20);
  replay.append("one\ntwo\nthree\n");
  EXPECT_EQ(replay.tail(0), 14u);
  EXPECT_EQ(replay.tail(1), 8u);
  EXPECT_EQ(replay.tail(2), 4u);
  EXPECT_EQ(replay.tail(3), 0u);
  EXPECT_EQ(replay.tail(UINT64_MAX), 0u);
  replay.append("four");
  EXPECT_EQ(replay.at(replay.tail(1)), "four");
  replay.append("\n" + std::string(2 * Replay::kBlock, 'x'));
  EXPECT_EQ(replay.tail(1), 19u);
  EXPECT_EQ(replay.tail(2), 14u);
  replay.release(16);
  EXPECT_EQ(replay.tail(5), 16u);
  EXPECT_EQ(Replay(10).tail(3), 0u);
}

TEST(InputQueueTest, SaysWhoseBytesWereTaken) {
  InputQueue queue;
  queue.push(1, "aa");
  queue.push(1, "a");
  queue.push(2, "bb");
  queue.push(1, "c");
  queue.push(2, "");
  EXPECT_EQ(queue.next(), "aaabbc");
  auto first = queue.take(4);
  EXPECT_EQ(first->from, 1u);
  EXPECT_EQ(first->count, 3u);
  auto second = queue.take(1);
  EXPECT_EQ(second->from, 2u);
  EXPECT_EQ(second->count, 1u);
  EXPECT_FALSE(queue.take(0));
  EXPECT_EQ(queue.next(), "bc");
  EXPECT_EQ(queue.take(9)->count, 1u);
  EXPECT_EQ(queue.take(9)->from, 1u);
  EXPECT_FALSE(queue.take(9));
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace nigh::session
