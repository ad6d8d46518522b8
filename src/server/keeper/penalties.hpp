// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nigh::server {

// Sources that keep failing are turned away for a while, longer each time (the idea of OpenSSH's
// PerSourcePenalties). An IPv6 source counts by its /64. Pure: the caller brings the time.
class Penalties {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Seconds = std::chrono::seconds;
  static constexpr Seconds kFailedLogin{5};
  static constexpr Seconds kLoginTimeout{10};
  static constexpr Seconds kTolerated{15};  // a source below this is not turned away
  static constexpr Seconds kMost{600};
  static constexpr std::size_t kMaxSources = 65536;

  void add(std::string_view source, Seconds penalty, Time now);
  bool turned_away(std::string_view source, Time now) const;

 private:
  void forget_expired(Time now);
  std::unordered_map<std::string, Time> until_;  // when the source's debt is paid off
};

// The part of an address that penalties count by.
std::string penalty_key(std::string_view address);

}  // namespace nigh::server
