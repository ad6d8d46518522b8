// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace nigh::cli {

// How fast a number grows: the mean over the last three seconds, so that neither a burst nor a
// pause makes it jump. Asked ten times a second at most; the clock is the caller's.
class RateMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{3};

  void add(Time now, std::uint64_t total);
  double per_second(Time now) const;  // 0 until something is known

 private:
  struct Sample {
    Time time;
    std::uint64_t total;
  };
  std::deque<Sample> samples_;
};

// Time that `rest` takes at that rate; none: nobody knows, or longer than a week.
std::optional<std::chrono::seconds> time_left(std::uint64_t rest, double per_second);

}  // namespace nigh::cli
