// SPDX-License-Identifier: Apache-2.0
#include "ssh/expiry_time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <optional>

#include "base/text.hpp"

namespace nigh::ssh {
namespace {

bool take_utc_mark(std::string_view& text) {
  for (std::string_view mark : {"z", "utc"}) {
    if (!lower(text).ends_with(mark)) continue;
    text.remove_suffix(mark.size());
    return true;
  }
  return false;
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.begin(), digits.end(), value);
  return value;
}

// `digits` are 8, 12 or 14.
std::optional<std::tm> parse_fields(std::string_view digits) {
  auto two = [&](std::size_t at) { return at < digits.size() ? number(digits.substr(at, 2)) : 0; };
  std::tm time{};
  time.tm_year = number(digits.substr(0, 4)) - 1900;
  time.tm_mon = two(4) - 1;
  time.tm_mday = two(6);
  time.tm_hour = two(8);
  time.tm_min = two(10);
  time.tm_sec = two(12);
  time.tm_isdst = -1;  // mktime finds out
  std::chrono::year_month_day date(std::chrono::year(time.tm_year + 1900),
                                   std::chrono::month(static_cast<unsigned>(two(4))),
                                   std::chrono::day(static_cast<unsigned>(two(6))));
  if (!date.ok() || time.tm_hour > 23 || time.tm_min > 59 || time.tm_sec > 59) return std::nullopt;
  return time;
}

}  // namespace

Result<std::uint64_t> parse_expiry_time(std::string_view text) {
  auto digits = text;
  bool utc = take_utc_mark(digits);
  bool formed = (digits.size() == 8 || digits.size() == 12 || digits.size() == 14) &&
                digits.find_first_not_of("0123456789") == digits.npos;
  auto time = formed ? parse_fields(digits) : std::nullopt;
  auto seconds = !time ? -1 : utc ? timegm(&*time) : mktime(&*time);
  if (seconds < 0)
    return fail(Errc::malformed,
                fmt::format("expiry-time '{}' is not YYYYMMDD[HHMM[SS]][Z]", printable(text)));
  return static_cast<std::uint64_t>(seconds);
}

}  // namespace nigh::ssh
