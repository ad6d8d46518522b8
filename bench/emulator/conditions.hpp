// SPDX-License-Identifier: Apache-2.0
// What the emulated link is like, and the commands that change it while it runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"

namespace nigh::emulator {

// The same in both directions.
struct Conditions {
  std::chrono::nanoseconds delay{0};  // one way: half of the round trip
  std::uint64_t bits_per_second = 0;  // 0: no limit
  double loss = 0;                    // chance of each packet to vanish, 0 to 1
  std::size_t queue_limit = 0;        // bytes waiting for the rate limit; 0: see queue_bytes()
  std::uint64_t seed = 1;             // of the losses
  bool up = true;

  // The queue in force. Unless it was set, it is one round trip's worth of bytes: what a
  // well-configured router has, and enough for a loss-based sender to fill the link.
  std::size_t queue_bytes() const;
};

// Changes `conditions` as one line says: "delay 50ms", "rate 1gbit", "rate unlimited",
// "loss 0.01", "loss 1%", "queue 500000", "queue auto", "seed 7", "down" or "up".
// On an error nothing has changed.
Result<void> apply_command(std::string_view line, Conditions& conditions);

}  // namespace nigh::emulator
