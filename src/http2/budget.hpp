// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace nigh::http2 {

// Allows `limit` events at once and as many again over each kPeriod: a leaky bucket, kept as the
// time that it still needs to drain.
class Budget {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::steady_clock::duration kPeriod = std::chrono::seconds(10);

  explicit Budget(std::uint32_t limit) : limit_(limit) {}

  // False: one too many.
  bool spend(Time now) {
    if (limit_ == 0) return false;
    drained_at_ = std::max(drained_at_, now) + kPeriod / limit_;
    return drained_at_ - now <= kPeriod;
  }
  std::uint32_t limit() const { return limit_; }

 private:
  std::uint32_t limit_;
  Time drained_at_{};
};

}  // namespace nigh::http2
