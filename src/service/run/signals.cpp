// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>
#include <string.h>

#include <string>

#include "base/text.hpp"
#include "service/run/messages.hpp"

namespace nigh::run {

Result<int> signal_number(std::string_view name) {
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* abbreviation = ::sigabbrev_np(number);
    if (abbreviation != nullptr && name == abbreviation) return number;
  }
  return fail(Errc::usage, fmt::format("{} is not the name of a signal", printable(name)));
}

std::string signal_name(int number) {
  const char* abbreviation = ::sigabbrev_np(number);
  return abbreviation != nullptr ? abbreviation : fmt::format("{}", number);
}

}  // namespace nigh::run

namespace nigh {

int ExitStatus::shell_status() const {
  if (timed_out) return 124;
  if (signal.empty()) return code;
  if (auto number = run::signal_number(signal)) return 128 + *number;
  return 255;  // a signal that this system does not have
}

}  // namespace nigh
