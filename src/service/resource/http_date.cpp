// SPDX-License-Identifier: Apache-2.0
#include "service/resource/http_date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/text.hpp"

namespace nigh::resource {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Exactly that many digits; -1 otherwise.
int digits(std::string_view text, std::size_t count) {
  if (text.size() != count) return -1;
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<chrono::seconds> time_of_day(std::string_view text) {
  auto parts = split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  auto hour = digits(parts[0], 2), minute = digits(parts[1], 2), second = digits(parts[2], 2);
  // 60: a leap second.
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  return chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

std::optional<std::int64_t> assemble(int year, std::string_view month, int day,
                                     std::string_view time) {
  auto found = std::ranges::find(kMonths, month);
  auto of_day = time_of_day(time);
  if (year < 0 || day < 1 || found == kMonths.end() || !of_day) return std::nullopt;
  auto date = chrono::year(year) /
              chrono::month(static_cast<unsigned>(found - kMonths.begin()) + 1) /
              chrono::day(static_cast<unsigned>(day));
  if (!date.ok()) return std::nullopt;
  return (chrono::sys_days(date).time_since_epoch() + *of_day).count();
}

// "Sunday," and "06-Nov-94" of RFC 850.
std::optional<std::int64_t> parse_rfc850(const std::vector<std::string_view>& words) {
  auto parts = split(words[1], '-');
  if (parts.size() != 3 || words[3] != "GMT") return std::nullopt;
  auto year = digits(parts[2], 2);
  if (year < 0) return std::nullopt;
  return assemble(year < 70 ? 2000 + year : 1900 + year, parts[1], digits(parts[0], 2), words[2]);
}

}  // namespace

std::string http_date(std::int64_t seconds) {
  constexpr std::int64_t kLast = 253402300799;  // the end of 9999
  constexpr std::int64_t kFirst = -62167219200;
  if (seconds < kFirst || seconds > kLast) return {};
  auto time = chrono::sys_seconds(chrono::seconds(seconds));
  auto day = chrono::floor<chrono::days>(time);
  chrono::year_month_day date(day);
  chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  auto words = split(trim(text), ' ');
  if (words.size() < 4) return std::nullopt;
  auto weekday = words[0];
  if (weekday.ends_with(',')) {
    weekday.remove_suffix(1);
    if (words.size() == 6 && words[5] == "GMT" && is_one_of(kDays, weekday))
      return assemble(digits(words[3], 4), words[2], digits(words[1], 2), words[4]);
    if (words.size() == 4 && is_one_of(kLongDays, weekday)) return parse_rfc850(words);
    return std::nullopt;
  }
  // asctime's: the day of the month is padded with a space, which makes an empty word.
  if (!is_one_of(kDays, weekday)) return std::nullopt;
  if (words.size() == 6 && words[2].empty())
    return assemble(digits(words[5], 4), words[1], digits(words[3], 1), words[4]);
  if (words.size() == 5)
    return assemble(digits(words[4], 4), words[1], digits(words[2], 2), words[3]);
  return std::nullopt;
}

}  // namespace nigh::resource
