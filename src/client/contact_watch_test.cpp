// SPDX-License-Identifier: Apache-2.0
#include "client/contact_watch.hpp"

#include <gtest/gtest.h>

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

class AContactWatch : public testing::Test {
 protected:
  using Time = ContactWatch::Time;

  // A path of 100 ms. `unconfirmed` since `since_ack`.
  static TcpState tcp(bool unconfirmed = false, std::chrono::milliseconds since_ack = 1h) {
    return {unconfirmed, since_ack, 100ms, 300ms};
  }
  // Lets the time pass, looking whenever it is asked to; until a PING, a doubt or the end.
  ContactWatch::Verdict pass(std::chrono::milliseconds time, const TcpState& state) {
    const auto end = now_ + time;
    for (;;) {
      auto verdict = watch_.look(now_, state);
      EXPECT_TRUE(verdict.doubtful || verdict.again > now_);
      if (verdict.ping || verdict.doubtful || verdict.again > end) return verdict;
      now_ = verdict.again;
    }
  }
  std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - kStart);
  }

  static constexpr Time kStart = Time(1000s);
  Time now_ = kStart;
  ContactWatch watch_{kStart};
};

TEST_F(AContactWatch, AsksOnceWhenItGetsQuietAndThenRarely) {
  EXPECT_TRUE(pass(1min, tcp()).ping);
  EXPECT_EQ(elapsed(), 2s);
  watch_.heard(now_ += 100ms);
  EXPECT_TRUE(pass(1min, tcp()).ping);
  EXPECT_EQ(elapsed(), 17'100ms);
}

TEST_F(AContactWatch, DoubtsAServerThatDoesNotAnswer) {
  EXPECT_TRUE(pass(1min, tcp()).ping);
  auto verdict = pass(1min, tcp());
  EXPECT_TRUE(verdict.doubtful);
  EXPECT_EQ(verdict.reason, "the server does not answer");
  EXPECT_EQ(elapsed(), 4s);
}

TEST_F(AContactWatch, AsksSoonWhenSomethingWasSentAndNothingCame) {
  EXPECT_TRUE(pass(1min, tcp()).ping);
  watch_.heard(now_ += 100ms);
  now_ += 3s;
  EXPECT_EQ(watch_.sent(now_), now_ + 375ms);
  EXPECT_EQ(watch_.sent(now_ + 1ms), now_ + 375ms) << "the first one counts";
  EXPECT_TRUE(pass(1min, tcp()).ping);
  EXPECT_EQ(elapsed(), 7'100ms);
}

TEST_F(AContactWatch, DoubtsAPathThatConfirmsNothingWithinAMoment) {
  now_ += 1s;
  watch_.sent(now_);
  EXPECT_FALSE(watch_.look(now_ + 300ms, tcp(true)).doubtful) << "the kernel's first repetition";
  auto verdict = watch_.look(now_ + 400ms, tcp(true));
  EXPECT_TRUE(verdict.doubtful);
  EXPECT_EQ(verdict.reason, "nothing arrives there any more");
}

TEST_F(AContactWatch, BelievesInAPathThatConfirmsWhileAnswersAreBehindInTheQueue) {
  watch_.sent(now_);
  auto verdict = pass(1min, tcp(true, 50ms));
  EXPECT_FALSE(verdict.ping);
  EXPECT_FALSE(verdict.doubtful);
}

TEST_F(AContactWatch, CountsWhatWaitsFromWhenItWasSent) {
  now_ += 1h;
  watch_.heard(now_ - 10s);
  watch_.sent(now_);
  EXPECT_FALSE(watch_.look(now_ + 100ms, tcp(true, 10s)).doubtful) << "it was only sent just now";
}

TEST_F(AContactWatch, AsksAndDoubtsAtOnceWhenTheNetworkHasChanged) {
  watch_.hint(now_ + 1ms);
  now_ += 2ms;
  auto verdict = watch_.look(now_, tcp());
  EXPECT_TRUE(verdict.ping);
  EXPECT_TRUE(verdict.doubtful);
  EXPECT_FALSE(watch_.look(now_, tcp()).ping) << "once is enough";
  EXPECT_FALSE(watch_.recovered(now_ + 50ms, tcp(false, 1ms)));
  watch_.heard(now_ + 100ms);
  EXPECT_TRUE(watch_.recovered(now_ + 100ms, tcp()));
  EXPECT_FALSE(watch_.look(now_ + 100ms, tcp()).doubtful);
}

TEST_F(AContactWatch, RecoversWhenThePathConfirmsAgain) {
  watch_.sent(now_);
  now_ += 1s;
  ASSERT_TRUE(watch_.look(now_, tcp(true)).doubtful);
  now_ += 1s;
  EXPECT_FALSE(watch_.recovered(now_, tcp(true, 1500ms)));
  auto confirming = tcp(true, 10ms);
  confirming.confirmed = 1;
  EXPECT_TRUE(watch_.recovered(now_, confirming));
  EXPECT_FALSE(watch_.look(now_, confirming).doubtful);
}

// The server's kernel may send again what we have, long before ours sends again what it has not.
TEST_F(AContactWatch, DoesNotTakeWhatComesForAConfirmationOfWhatWeSent) {
  watch_.sent(now_);
  now_ += 1s;
  ASSERT_TRUE(watch_.look(now_, tcp(true)).doubtful);
  watch_.heard(now_ += 1s);
  EXPECT_FALSE(watch_.recovered(now_, tcp(true, 10ms)));
  auto confirming = tcp(true, 0ms);
  confirming.confirmed = 37;
  EXPECT_TRUE(watch_.recovered(now_, confirming));
}

TEST_F(AContactWatch, GivesSlowPathsMoreTime) {
  watch_.sent(now_);
  const TcpState slow{true, 1h, 1500ms, 1700ms};
  EXPECT_FALSE(watch_.look(now_ + 2s, slow).doubtful);
  EXPECT_TRUE(watch_.look(now_ + 2200ms, slow).doubtful);
}

}  // namespace
}  // namespace nigh::client
