// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/tcp_state.hpp"

namespace nigh::client {

// Decides whether a connection still reaches its server: when to ask (PING), and from when on to
// doubt. Who doubts tries for another connection beside this one, so a doubt that was wrong costs
// next to nothing and may come early: a person who types wants to go on within a moment of the
// network's return, and what the kernel sends again by itself it sends ever more rarely.
//
// What is lost on the way shows in the kernel's state of the connection; a server that is there but
// does not answer shows in a PING only. Pure: the caller brings the time.
class ContactWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = Time::duration;

  // A PING goes out when so long nothing came after something was sent, …
  static constexpr Duration kUnanswered = std::chrono::seconds(2);
  // … when nothing has happened for so long, once, and then every so often.
  static constexpr Duration kQuiet = std::chrono::seconds(2);
  static constexpr Duration kIdle = std::chrono::seconds(15);
  // Its answer is waited for so long before there are doubts.
  static constexpr Duration kAnswer = std::chrono::seconds(2);

  explicit ContactWatch(Time now) : heard_(now), happened_(now) {}

  // When to look() at the latest; never later than it said.
  Time sent(Time now);
  // What came was more than the answer to a PING.
  void happened(Time at) { happened_ = std::max(happened_, at); }
  // Anything came.
  void heard(Time at) { heard_ = std::max(heard_, at); }
  // The network has changed, or the machine slept: look() at once.
  void hint(Time now) { hinted_ = now; }

  struct Verdict {
    bool ping = false;  // to be sent now; counts as sent
    bool doubtful = false;
    std::string_view reason;  // of the doubt, for a person
    Time again;               // when to look() next; not while there is doubt
  };
  Verdict look(Time now, const TcpState& tcp);
  // After a doubt: the connection has come to life again. look() goes on.
  bool recovered(Time now, const TcpState& tcp);

  Time last_heard() const { return heard_; }

 private:
  bool waits_for_answer() const { return unanswered_ > heard_; }
  Duration patience() const;
  Verdict doubt(Time now, std::string_view reason);

  Time heard_;
  Time happened_;
  Time unanswered_{};  // the first that was sent after heard_
  Time pinged_{};
  Time hinted_{};
  Time doubted_{};
  bool lossy_ = false;           // the doubt is about the way there, not about the server
  std::uint64_t confirmed_ = 0;  // when that doubt came up
  std::chrono::milliseconds answer_time_{300};
};

}  // namespace nigh::client
