// SPDX-License-Identifier: Apache-2.0
#include "client/retry_pace.hpp"

#include <algorithm>

namespace nigh::client {

void RetryPace::begin(Time now) {
  pause_ = kFirst;
  next_ = std::max(now, last_ + least_);
}

void RetryPace::set_round_trip(Duration round_trip) {
  least_ = std::clamp<Duration>(round_trip / 2, kFirst, kLongest);
}

void RetryPace::tried(Time now) {
  last_ = now;
  // From three quarters of the pause to one and a quarter.
  auto jitter = std::chrono::duration<double>(pause_) * (0.75 + chance_() / 2);
  next_ = now + std::max(least_, std::chrono::duration_cast<Duration>(jitter));
  pause_ = std::min(2 * pause_, kLongest);
}

void RetryPace::hurry(Time now) {
  pause_ = kFirst;
  wanted(now);
}

void RetryPace::wanted(Time now) { next_ = std::min(next_, std::max(now, last_ + least_)); }

}  // namespace nigh::client
