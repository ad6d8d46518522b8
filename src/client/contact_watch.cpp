// SPDX-License-Identifier: Apache-2.0
#include "client/contact_watch.hpp"

namespace nigh::client {

using namespace std::chrono_literals;

// A loss that the kernel repairs at its first attempt raises no doubt.
ContactWatch::Duration ContactWatch::patience() const {
  return std::clamp<Duration>(answer_time_ + answer_time_ / 4, 250ms, 3s);
}

ContactWatch::Time ContactWatch::sent(Time now) {
  happened_ = now;
  if (!waits_for_answer()) unanswered_ = now;
  return unanswered_ + patience();
}

ContactWatch::Verdict ContactWatch::doubt(Time now, std::string_view reason) {
  doubted_ = now;
  lossy_ = false;
  return {false, true, reason, now};
}

bool ContactWatch::recovered(Time now, const TcpState& tcp) {
  // What the server sends again arrives before what we do, and says nothing of when that will be.
  if (lossy_ ? tcp.confirmed == confirmed_ : heard_ <= doubted_) return false;
  lossy_ = false;
  if (pinged_ > heard_) pinged_ = now;  // its answer may take its time again
  return true;
}

ContactWatch::Verdict ContactWatch::look(Time now, const TcpState& tcp) {
  if (tcp.answer_time > 0ms) answer_time_ = tcp.answer_time;

  // Whatever hint there is: if the connection lives, an answer to a PING beats any other attempt.
  if (hinted_ > heard_) {
    auto verdict = doubt(now, "the network has changed");
    verdict.ping = pinged_ < hinted_;
    if (verdict.ping) pinged_ = now;
    return verdict;
  }

  Verdict verdict;
  verdict.again = happened_ > pinged_ ? std::max(heard_, happened_) + kQuiet : heard_ + kIdle;
  if (tcp.unconfirmed) {
    auto since = std::max(heard_, unanswered_);
    auto quiet = std::min<Duration>(now - since, tcp.since_ack);
    if (quiet >= patience()) {
      auto lossy = doubt(now, "nothing arrives there any more");
      lossy_ = true;
      confirmed_ = tcp.confirmed;
      return lossy;
    }
    verdict.again = std::min(verdict.again, now + (patience() - quiet));
    // As long as it confirms what we send the answer to a PING is only behind in the queue.
    if (now >= verdict.again) verdict.again = now + patience();
    return verdict;
  }

  const auto slow = std::max<Duration>(kAnswer, 2 * answer_time_);
  if (pinged_ > heard_) {
    if (now - pinged_ >= slow) return doubt(now, "the server does not answer");
    verdict.again = pinged_ + slow;
    return verdict;
  }
  if (waits_for_answer()) verdict.again = std::min(verdict.again, unanswered_ + kUnanswered);
  if (now < verdict.again) return verdict;
  pinged_ = unanswered_ = now;
  return {true, false, "", now + patience()};
}

}  // namespace nigh::client
