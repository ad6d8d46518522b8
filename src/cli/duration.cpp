// SPDX-License-Identifier: Apache-2.0
#include "cli/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view suffix;
  std::string_view word;
  std::int64_t milliseconds;
};
// Longest suffix first where one begins another.
constexpr std::array kUnits{Unit{"ms", "ms", 1}, Unit{"s", "s", 1000}, Unit{"m", "min", 60'000},
                            Unit{"h", "h", 3'600'000}, Unit{"d", "d", 86'400'000}};
constexpr std::int64_t kLongest = 366 * std::int64_t{86'400'000};

std::unexpected<Error> refuse(std::string_view text) {
  return fail(Errc::usage,
              fmt::format("'{}' is not a duration: write 10s, 5m, 1h30m or a number of "
                          "seconds, at most a year",
                          printable(text)));
}

std::optional<std::int64_t> take_number(std::string_view& rest) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc() || number < 0 || number > kLongest) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return number;
}

std::optional<std::int64_t> take_unit(std::string_view& rest) {
  for (const auto& unit : kUnits) {
    if (!rest.starts_with(unit.suffix)) continue;
    rest.remove_prefix(unit.suffix.size());
    return unit.milliseconds;
  }
  return std::nullopt;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  for (auto rest = text; !rest.empty() || text.empty();) {
    auto number = take_number(rest);
    if (!number) return refuse(text);
    bool bare = rest.empty() && total == 0;
    auto unit = bare ? 1000 : take_unit(rest);
    if (!unit || *number > kLongest / *unit) return refuse(text);
    total += *number * *unit;
    if (total > kLongest) return refuse(text);
  }
  if (total == 0) return refuse(text);
  return milliseconds(total);
}

std::string describe(milliseconds duration) {
  auto rest = duration.count();
  std::string out;
  int shown = 0;
  for (auto unit = kUnits.rbegin(); unit != kUnits.rend() && shown < 2; ++unit) {
    auto count = rest / unit->milliseconds;
    rest %= unit->milliseconds;
    if (count == 0) {
      if (shown > 0) break;
      continue;
    }
    out += fmt::format("{}{} {}", shown > 0 ? " " : "", count, unit->word);
    ++shown;
  }
  return out.empty() ? "0 s" : out;
}

}  // namespace nigh::cli
