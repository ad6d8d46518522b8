// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupts.hpp"

namespace nigh::cli {

Interrupts::Meaning Interrupts::received(int signal, Clock::time_point now) {
  auto& seen = seen_[signal];
  bool soon = seen.count > 0 && now - seen.last <= kInsisting;
  ++seen.count;
  seen.last = now;
  return soon || seen.count >= 3 ? Meaning::end : Meaning::forward;
}

}  // namespace nigh::cli
