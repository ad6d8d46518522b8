// SPDX-License-Identifier: Apache-2.0
#include "cli/rate_meter.hpp"

#include <cmath>

namespace nigh::cli {

void RateMeter::add(Time now, std::uint64_t total) {
  if (!samples_.empty() && total < samples_.back().total) samples_.clear();  // begun anew
  samples_.push_back({now, total});
  // One that is older than the window stays, to measure from.
  while (samples_.size() > 2 && now - samples_[1].time >= kWindow) samples_.pop_front();
}

double RateMeter::per_second(Time now) const {
  if (samples_.size() < 2) return 0;
  std::chrono::duration<double> span = now - samples_.front().time;
  if (span.count() <= 0) return 0;
  return static_cast<double>(samples_.back().total - samples_.front().total) / span.count();
}

std::optional<std::chrono::seconds> time_left(std::uint64_t rest, double per_second) {
  constexpr double kWeek = 7 * 86'400;
  if (per_second <= 0) return std::nullopt;
  auto seconds = std::ceil(static_cast<double>(rest) / per_second);
  if (seconds > kWeek) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace nigh::cli
