// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

#include "base/error.hpp"

namespace nigh::sync {

// How much may be under way: sent, and not yet written over there. What is under way when a
// transfer is cut off is lost and will be sent again; with too little of it the line is idle. So it
// follows what was measured: a few times the rate at which the receiver writes x the shortest time
// from sending something to hearing that it is written. Pure: time is an argument.
class Flight {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Seconds = std::chrono::duration<double>;
  static constexpr std::uint64_t kLeast = 128 << 10;
  static constexpr std::uint64_t kMost = 64 << 20;

  std::uint64_t window() const { return window_; }
  bool is_full() const { return sent_ - written_ >= window_; }

  void on_sent(std::uint64_t size, Time now);
  // `total`: all that has been written so far. Errc::malformed if that cannot be.
  Result<void> on_written(std::uint64_t total, Time now);

 private:
  struct Mark {                  // of one frame
    std::uint64_t sent;          // with it
    std::uint64_t written_then;  // when it was sent
    Time at;
    bool full;  // more could not have been sent
  };
  void measure(const Mark& mark, Time now);
  void measure_delay(Seconds delay, Time now);
  void measure_rate(double rate, bool full, Time now);
  void end_round();

  std::uint64_t sent_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t window_ = kLeast;
  std::deque<Mark> marks_;

  // The shortest delay; looked for anew every now and then, with less under way.
  Seconds delay_{0};
  Time delay_at_{};
  bool draining_ = false;
  Seconds drained_delay_{0};
  // The highest rate of this period and the one before.
  double rate_ = 0;
  double rate_before_ = 0;
  Time rate_since_{};
  bool rate_counts_ = false;  // in this period as much was sent as could be
  // Like a TCP that starts: quickly, until that brings nothing more.
  bool starting_ = true;
  double rate_at_round_ = 0;
  std::uint64_t round_ends_ = 0;
  int rounds_without_growth_ = 0;
};

// The same between the thread that sends and the one that hears of it.
class Credit {
 public:
  // Waits until more may be under way. Errc::cancelled, by throwing, after stop().
  void wait();
  void sent(std::uint64_t size);
  Result<void> written(std::uint64_t total);
  void stop();
  // What a frame that gathers small things should be filled to.
  std::uint64_t good_frame() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Flight flight_;
  bool stopped_ = false;
};

}  // namespace nigh::sync
