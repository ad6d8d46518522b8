// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

namespace nigh::client {

// When to try again to reach a server: at once, then after a pause that doubles. Pure: the caller
// brings the time, and the chance that keeps many clients of a server from coming all at once.
class RetryPace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = Time::duration;
  static constexpr Duration kFirst = std::chrono::milliseconds(100);
  static constexpr Duration kLongest = std::chrono::seconds(5);

  // `chance` gives numbers from 0 to 1.
  explicit RetryPace(std::function<double()> chance) : chance_(std::move(chance)) {}

  // Contact was lost that had lasted: the next attempt is the first.
  void begin(Time now);
  // No attempts are closer together than this: half a round trip, so that one that works is not
  // overtaken by many others.
  void set_round_trip(Duration round_trip);

  Time next() const { return next_; }
  void tried(Time now);  // an attempt begins
  // Things have changed for the better: at once, and the pauses begin small.
  void hurry(Time now);
  // A person is typing, and waits.
  void wanted(Time now);

 private:
  std::function<double()> chance_;
  Duration least_ = kFirst;
  Duration pause_ = kFirst;
  Time last_{};
  Time next_{};
};

}  // namespace nigh::client
