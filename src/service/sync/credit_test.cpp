// SPDX-License-Identifier: Apache-2.0
#include "service/sync/credit.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace nigh::sync {
namespace {

using namespace std::chrono_literals;

// A line of a rate and a delay, with a receiver that writes at once; time passes as it is used.
class Line {
 public:
  Line(double bytes_per_second, Flight::Seconds round_trip)
      : rate_(bytes_per_second), round_trip_(round_trip) {}

  void run(Flight& flight, Flight::Seconds time) {
    auto end = now_ + std::chrono::duration_cast<Flight::Time::duration>(time);
    while (now_ < end) {
      while (!flight.is_full()) send(flight);
      now_ = due_.front().second;
      EXPECT_TRUE(flight.on_written(due_.front().first, now_));
      due_.pop_front();
    }
  }
  std::uint64_t sent() const { return sent_; }
  void change(double bytes_per_second, Flight::Seconds round_trip) {
    rate_ = bytes_per_second;
    round_trip_ = round_trip;
  }

 private:
  static constexpr std::uint64_t kFrame = 32 << 10;
  void send(Flight& flight) {
    flight.on_sent(kFrame, now_);
    sent_ += kFrame;
    auto duration = [](Flight::Seconds s) {
      return std::chrono::duration_cast<Flight::Time::duration>(s);
    };
    free_at_ = std::max(free_at_, now_) + duration(Flight::Seconds(kFrame / rate_));
    auto due = free_at_ + duration(round_trip_);
    if (!due_.empty()) due = std::max(due, due_.back().second);
    due_.emplace_back(sent_, due);
  }
  double rate_;
  Flight::Seconds round_trip_;
  Flight::Time now_{1h};
  Flight::Time free_at_{};
  std::uint64_t sent_ = 0;
  std::deque<std::pair<std::uint64_t, Flight::Time>> due_;
};

constexpr double kMega = 1e6;

TEST(Flight, FillsALongLineAfterAFewRoundTrips) {
  Flight flight;
  Line line(125 * kMega, 100ms);
  line.run(flight, 600ms);
  auto before = line.sent();
  line.run(flight, 1s);
  EXPECT_GT(line.sent() - before, 115 * kMega);
}

TEST(Flight, KeepsLittleMoreThanTheLineHolds) {
  Flight flight;
  Line line(125 * kMega, 100ms);
  line.run(flight, 3s);
  EXPECT_GT(flight.window(), 20 * kMega);  // twice 12.5 MB
  EXPECT_LT(flight.window(), 30 * kMega);
  Flight slow;
  Line modem(0.1 * kMega, 50ms);
  modem.run(slow, 20s);
  EXPECT_LE(slow.window(), 2 * Flight::kLeast);
}

TEST(Flight, DoesNotGrowWithItsOwnQueueAndFollowsALineThatChanges) {
  Flight flight;
  Line line(50 * kMega, 20ms);
  line.run(flight, 60s);
  EXPECT_LT(flight.window(), 3 * kMega);
  line.change(50 * kMega, 200ms);
  line.run(flight, 30s);
  auto before = line.sent();
  line.run(flight, 5s);
  EXPECT_GT(line.sent() - before, 200 * kMega);
  line.change(5 * kMega, 20ms);
  line.run(flight, 30s);
  EXPECT_LT(flight.window(), 0.5 * kMega);
}

TEST(Flight, RefusesReportsThatCannotBe) {
  Flight flight;
  Flight::Time now{1s};
  flight.on_sent(100, now);
  EXPECT_EQ(flight.on_written(101, now).error().code, Errc::malformed);
  EXPECT_TRUE(flight.on_written(60, now));
  EXPECT_EQ(flight.on_written(59, now).error().code, Errc::malformed);
  EXPECT_TRUE(flight.on_written(100, now));
}

TEST(Credit, StopEndsTheWaiting) {
  Credit credit;
  credit.sent(1 << 30);
  credit.stop();
  EXPECT_THROW(credit.wait(), Failure);
}

}  // namespace
}  // namespace nigh::sync
