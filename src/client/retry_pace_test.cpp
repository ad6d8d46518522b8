// SPDX-License-Identifier: Apache-2.0
#include "client/retry_pace.hpp"

#include <gtest/gtest.h>

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

class ARetryPace : public testing::Test {
 protected:
  // Tries when it is time; the pause before.
  RetryPace::Duration next_try() {
    auto before = now_;
    now_ = std::max(now_, pace_.next());
    pace_.tried(now_);
    return now_ - before;
  }
  double chance_ = 0.5;
  RetryPace pace_{[this] { return chance_; }};
  RetryPace::Time now_{1000s};
};

TEST_F(ARetryPace, TriesAtOnceAndThenEverMoreRarely) {
  pace_.begin(now_);
  for (auto pause : {0ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms})
    EXPECT_EQ(next_try(), pause);
}

TEST_F(ARetryPace, LeavesPausesToChance) {
  pace_.begin(now_);
  for (int i = 0; i < 8; ++i) next_try();
  chance_ = 1;
  next_try();
  EXPECT_EQ(next_try(), 6250ms);
  chance_ = 0;
  next_try();
  EXPECT_EQ(next_try(), 3750ms);
}

TEST_F(ARetryPace, TriesSoonerForSomebodyWhoTypes) {
  pace_.begin(now_);
  for (int i = 0; i < 8; ++i) next_try();
  now_ += 50ms;
  pace_.wanted(now_);
  EXPECT_EQ(next_try(), 50ms) << "but not all the time";
  now_ += 1s;
  pace_.wanted(now_);
  EXPECT_EQ(next_try(), 0ms);
  EXPECT_EQ(next_try(), 5s) << "and goes back to its pauses";
}

TEST_F(ARetryPace, BeginsAnewWhenThingsHaveChanged) {
  pace_.begin(now_);
  for (int i = 0; i < 8; ++i) next_try();
  now_ += 1s;
  pace_.hurry(now_);
  for (auto pause : {0ms, 100ms, 200ms}) EXPECT_EQ(next_try(), pause);
}

TEST_F(ARetryPace, LeavesAnAttemptTheTimeToSucceed) {
  pace_.set_round_trip(600ms);
  pace_.begin(now_);
  for (auto pause : {0ms, 300ms, 300ms, 400ms}) EXPECT_EQ(next_try(), pause);
}

}  // namespace
}  // namespace nigh::client
