// SPDX-License-Identifier: Apache-2.0
// One direction of the emulated link, without devices and without a clock of its own: packets
// and the present time go in, packets come out when they are due.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>

#include "conditions.hpp"

namespace nigh::emulator {

using Time = std::chrono::steady_clock::time_point;

struct PathStats {
  std::uint64_t delivered = 0;   // packets
  std::uint64_t bytes = 0;       // of those, as on the wire
  std::uint64_t lost = 0;        // by chance
  std::uint64_t overflowed = 0;  // the queue was full
  std::uint64_t cut = 0;         // the link was down, or went down while they were under way
};

// A link that takes one packet after the other at the given rate, with a tail-drop queue in front
// of it, and brings each to the other end after the delay. Order is kept, also when the delay
// shrinks. Not thread-safe.
class Path {
 public:
  explicit Path(const Conditions& conditions);

  // New conditions hold for packets offered from now on; going down loses those under way.
  void change(const Conditions& conditions);

  // `packet` comes to the entrance at `now`. `wire_bytes` is its size on the wire, which is more
  // than packet.size() when the packet still has to be cut into segments.
  void offer(std::string packet, std::size_t wire_bytes, Time now);

  // When the next packet is due; nothing if none is under way.
  std::optional<Time> next_due() const;

  // The next packet if it is due at `now`.
  std::optional<std::string> take(Time now);

  const PathStats& stats() const { return stats_; }

 private:
  struct Flight {
    Time due;
    std::size_t wire_bytes;
    std::string packet;
  };

  bool overflows(std::size_t wire_bytes, Time now) const;
  bool is_lost();
  Time leave(std::size_t wire_bytes, Time now);
  std::chrono::nanoseconds transmission(std::size_t wire_bytes) const;

  Conditions conditions_;
  std::mt19937_64 random_;
  Time line_free_;  // when the last accepted packet has left the queue
  std::size_t held_bytes_ = 0;
  std::deque<Flight> flights_;
  PathStats stats_;
};

}  // namespace nigh::emulator
