// SPDX-License-Identifier: Apache-2.0
#include "service/resource/range.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace nigh::resource {
namespace {

// What follows "bytes" and `separator`; units are case-insensitive.
std::optional<std::string_view> after_unit(std::string_view field, char separator) {
  constexpr std::string_view kUnit = "bytes";
  field = trim(field);
  if (lower(field.substr(0, kUnit.size())) != kUnit || field.size() <= kUnit.size() ||
      field[kUnit.size()] != separator)
    return std::nullopt;
  return trim(field.substr(kUnit.size() + 1));
}

RangeAnswer last_bytes(std::uint64_t count, std::uint64_t size) {
  if (count == 0) return {RangeKind::unsatisfiable, {}};
  if (size == 0) return {};  // all of nothing, which no Content-Range could name
  count = std::min(count, size);
  return {RangeKind::part, {size - count, count}};
}

}  // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  bool over = false;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    auto digit = static_cast<std::uint64_t>(c - '0');
    over = over || value > (UINT64_MAX - digit) / 10;
    value = value * 10 + digit;
  }
  return over ? UINT64_MAX : value;
}

RangeAnswer parse_range(std::string_view field, std::uint64_t size) {
  auto spec = after_unit(field, '=');
  if (!spec) return {};
  auto dash = spec->find('-');
  if (dash == spec->npos) return {};
  auto first_text = spec->substr(0, dash), last_text = spec->substr(dash + 1);
  auto last = parse_decimal(last_text);
  if (!last_text.empty() && !last) return {};  // a list is here too, by its comma
  if (first_text.empty()) return last ? last_bytes(*last, size) : RangeAnswer{};
  auto first = parse_decimal(first_text);
  if (!first || (last && *last < *first)) return {};
  if (*first >= size) return {RangeKind::unsatisfiable, {}};
  auto end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeKind::part, {*first, end - *first + 1}};
}

Result<Piece> parse_content_range(std::string_view field) {
  auto bad = [&] {
    return fail(Errc::malformed,
                fmt::format("request: content-range \"{}\" is not \"bytes FIRST-LAST/TOTAL\"",
                            printable(field)));
  };
  auto spec = after_unit(field, ' ');
  if (!spec) return bad();
  auto dash = spec->find('-');
  auto slash = spec->find('/');
  if (dash == spec->npos || slash == spec->npos || slash < dash) return bad();
  auto first = parse_decimal(spec->substr(0, dash));
  auto last = parse_decimal(spec->substr(dash + 1, slash - dash - 1));
  auto total = parse_decimal(spec->substr(slash + 1));
  if (!first || !last || !total || *first > *last || *last >= *total || *total > INT64_MAX)
    return bad();
  return Piece{*first, *last, *total};
}

}  // namespace nigh::resource
