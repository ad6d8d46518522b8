// SPDX-License-Identifier: Apache-2.0
#include "service/sync/credit.hpp"

#include <algorithm>
#include <optional>

namespace nigh::sync {
namespace {

using namespace std::chrono_literals;

constexpr double kGain = 2;
constexpr double kStartGain = 4;
constexpr Flight::Seconds kLong = 5ms;  // below, nobody notices how long a start takes
constexpr double kDrainGain = 0.5;
constexpr double kMayBeLost = 0.02;
constexpr double kGrowth = 1.25;
constexpr int kMostRounds = 3;  // without growth, and the start is over
constexpr auto kDelayHolds = 10s;
constexpr auto kRateHolds = 2s;
// A frame is cut off with what is in it.
constexpr std::uint64_t kFramesAFlight = 4;
constexpr std::uint64_t kLeastFrame = 32 << 10;

}  // namespace

// ---- what is measured --------------------------------------------------------------------------

void Flight::on_sent(std::uint64_t size, Time now) {
  if (marks_.empty() && rate_since_ == Time()) rate_since_ = now;
  sent_ += size;
  marks_.push_back({sent_, written_, now, is_full()});
}

Result<void> Flight::on_written(std::uint64_t total, Time now) {
  if (total < written_ || total > sent_)
    return fail(Errc::malformed, "transfer: more is said to be written than was sent");
  written_ = total;
  std::optional<Mark> last;
  for (; !marks_.empty() && marks_.front().sent <= total; marks_.pop_front()) last = marks_.front();
  if (last) measure(*last, now);
  return {};
}

void Flight::measure(const Mark& mark, Time now) {
  constexpr Seconds kLeastDelay = 10us;  // a clock's grain must not make it 0
  auto delay = std::max(Seconds(now - mark.at), kLeastDelay);
  measure_delay(delay, now);
  measure_rate(static_cast<double>(written_ - mark.written_then) / delay.count(), mark.full, now);
  if (mark.sent > round_ends_) end_round();
  const bool hurry = starting_ && delay_ >= kLong;
  auto gain = draining_ ? kDrainGain : hurry ? kStartGain : kGain;
  const auto line = std::max(rate_, rate_before_) * delay_.count();
  auto wanted = gain * line;
  // Where the line holds little, what is lost should be little beside what was achieved.
  if (delay_ < kLong) wanted = std::min(wanted, line + static_cast<double>(sent_) * kMayBeLost);
  window_ = std::clamp(static_cast<std::uint64_t>(wanted), kLeast, kMost);
}

// What waits in queues on the way adds to the delay, and we are who fills them.
void Flight::measure_delay(Seconds delay, Time now) {
  if (delay_ == Seconds(0) || delay <= delay_) {
    delay_ = delay;
    delay_at_ = now;
    draining_ = false;
  } else if (draining_) {
    drained_delay_ = std::min(drained_delay_, delay);
    if (now - delay_at_ < 4 * delay_) return;
    draining_ = false;
    delay_ = drained_delay_;
    delay_at_ = now;
  } else if (now - delay_at_ > kDelayHolds) {
    draining_ = true;
    drained_delay_ = delay;
    delay_at_ = now;
  }
}

void Flight::measure_rate(double rate, bool full, Time now) {
  rate_counts_ = rate_counts_ || full;
  if (now - rate_since_ > std::max<Seconds>(kRateHolds, 8 * delay_)) {
    // A time in which there was little to send says nothing of how much could have been.
    if (rate_counts_) rate_before_ = rate_;
    if (rate_counts_) rate_ = 0;
    rate_since_ = now;
    rate_counts_ = full;
  }
  rate_ = std::max(rate_, rate);
}

// A round: everything that was under way has been written.
void Flight::end_round() {
  round_ends_ = sent_;
  if (!starting_) return;
  if (rate_ > rate_at_round_ * kGrowth) {
    rate_at_round_ = rate_;
    rounds_without_growth_ = 0;
  } else if (++rounds_without_growth_ >= kMostRounds) {
    starting_ = false;
  }
}

// ---- between two threads -----------------------------------------------------------------------

void Credit::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || !flight_.is_full(); });
  if (stopped_) throw Failure(Errc::cancelled, "the transfer was stopped");
}

void Credit::sent(std::uint64_t size) {
  std::lock_guard lock(mutex_);
  flight_.on_sent(size, std::chrono::steady_clock::now());
}

Result<void> Credit::written(std::uint64_t total) {
  std::lock_guard lock(mutex_);
  auto done = flight_.on_written(total, std::chrono::steady_clock::now());
  if (!flight_.is_full()) changed_.notify_all();
  return done;
}

void Credit::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::uint64_t Credit::good_frame() const {
  std::lock_guard lock(mutex_);
  return std::max(flight_.window() / kFramesAFlight, kLeastFrame);
}

}  // namespace nigh::sync
