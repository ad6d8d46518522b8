// SPDX-License-Identifier: Apache-2.0
#include "path.hpp"

#include <algorithm>
#include <utility>

namespace nigh::emulator {
namespace {

// Without a rate limit only this bounds the memory of a link with a long delay.
constexpr std::size_t kMostHeldBytes = 512 * 1024 * 1024;

}  // namespace

Path::Path(const Conditions& conditions) : conditions_(conditions), random_(conditions.seed) {}

void Path::change(const Conditions& conditions) {
  if (conditions.seed != conditions_.seed) random_.seed(conditions.seed);
  conditions_ = conditions;
  if (conditions_.up) return;
  stats_.cut += flights_.size();
  flights_.clear();
  held_bytes_ = 0;
  line_free_ = Time();
}

void Path::offer(std::string packet, std::size_t wire_bytes, Time now) {
  if (!conditions_.up) {
    ++stats_.cut;
    return;
  }
  if (is_lost()) {
    ++stats_.lost;
    return;
  }
  if (overflows(wire_bytes, now)) {
    ++stats_.overflowed;
    return;
  }
  Time due = leave(wire_bytes, now) + conditions_.delay;
  if (!flights_.empty()) due = std::max(due, flights_.back().due);
  held_bytes_ += packet.size();
  flights_.push_back({due, wire_bytes, std::move(packet)});
}

std::optional<Time> Path::next_due() const {
  if (flights_.empty()) return std::nullopt;
  return flights_.front().due;
}

std::optional<std::string> Path::take(Time now) {
  if (flights_.empty() || flights_.front().due > now) return std::nullopt;
  Flight flight = std::move(flights_.front());
  flights_.pop_front();
  held_bytes_ -= flight.packet.size();
  ++stats_.delivered;
  stats_.bytes += flight.wire_bytes;
  return std::move(flight.packet);
}

// The queue is not kept as a list of its own: what waits in it is what the line has yet to send.
bool Path::overflows(std::size_t wire_bytes, Time now) const {
  if (held_bytes_ + wire_bytes > kMostHeldBytes) return true;
  if (conditions_.bits_per_second == 0 || line_free_ <= now) return false;
  return line_free_ - now + transmission(wire_bytes) > transmission(conditions_.queue_bytes());
}

bool Path::is_lost() {
  if (conditions_.loss <= 0) return false;
  return std::uniform_real_distribution<double>(0, 1)(random_) < conditions_.loss;
}

Time Path::leave(std::size_t wire_bytes, Time now) {
  line_free_ = std::max(line_free_, now) + transmission(wire_bytes);
  return line_free_;
}

std::chrono::nanoseconds Path::transmission(std::size_t wire_bytes) const {
  if (conditions_.bits_per_second == 0) return std::chrono::nanoseconds(0);
  double seconds =
      static_cast<double>(wire_bytes) * 8 / static_cast<double>(conditions_.bits_per_second);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

}  // namespace nigh::emulator
