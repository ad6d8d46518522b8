// SPDX-License-Identifier: Apache-2.0
#include "cli/outcome.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace nigh::cli {
namespace {

// One of the summary's groups.
struct Group {
  std::string_view word;
  std::size_t count = 0;
  std::string hosts{};

  void add(const Outcome& outcome, std::string_view why) {
    ++count;
    hosts += fmt::format("{}{}: {}", hosts.empty() ? "" : ", ", printable(outcome.host), why);
  }
  void say(std::string& text) const {
    if (count == 0) return;
    text += fmt::format(", {} {} ({})", count, word, hosts);
  }
};

std::string why_failed(const ExitStatus& exit) {
  if (exit.timed_out) return "time limit";
  if (!exit.signal.empty()) return fmt::format("signal {}", printable(exit.signal));
  return fmt::format("exit {}", exit.code);
}

bool could_not_be_reached(Errc code) {
  return code == Errc::unavailable || code == Errc::timeout || code == Errc::not_found;
}

// Own failures rank above signals, those above codes.
int rank(const Outcome& outcome) {
  if (!outcome.exit) return 2;
  return outcome.exit->signal.empty() || outcome.exit->timed_out ? 0 : 1;
}

}  // namespace

std::string summary(const std::vector<Outcome>& outcomes) {
  std::size_t ok = 0;
  Group failed{.word = "failed"}, unreachable{.word = "unreachable"}, error{.word = "not run"};
  for (const auto& outcome : outcomes) {
    if (outcome.exit && outcome.exit->ok())
      ++ok;
    else if (outcome.exit)
      failed.add(outcome, why_failed(*outcome.exit));
    else if (outcome.error && could_not_be_reached(outcome.error->code))
      unreachable.add(outcome, name(outcome.error->code));
    else
      error.add(outcome, outcome.error ? name(outcome.error->code) : "no answer");
  }
  auto text = fmt::format("{} ok", ok);
  failed.say(text);
  unreachable.say(text);
  error.say(text);
  return text;
}

int worst_status(const std::vector<Outcome>& outcomes) {
  auto lesser = [](const Outcome& a, const Outcome& b) {
    return std::pair(rank(a), a.status) < std::pair(rank(b), b.status);
  };
  auto worst = std::ranges::max_element(outcomes, lesser);
  return worst == outcomes.end() ? 0 : worst->status;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), milliseconds);
}

}  // namespace nigh::cli
