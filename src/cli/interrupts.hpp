// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>

namespace nigh::cli {

// What a signal to nigh means: usually one for the command; but somebody who insists wants nigh
// itself to end, also when the host does not answer any more.
class Interrupts {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kInsisting{2};

  enum class Meaning { forward, end };

  // The second of the same kind within kInsisting, or the third at any time, ends.
  Meaning received(int signal, Clock::time_point now);

 private:
  struct Seen {
    int count = 0;
    Clock::time_point last;
  };
  std::map<int, Seen> seen_;
};

}  // namespace nigh::cli
