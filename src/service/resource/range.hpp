// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace nigh::resource {

// Which bytes of a file of `size` a Range field asks for (RFC 9110, section 14.1). Pure.
struct Span {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const Span&) const = default;
};
enum class RangeKind {
  whole,          // no range that we understand, or several: the field is to be ignored
  part,           // 206
  unsatisfiable,  // 416
};
struct RangeAnswer {
  RangeKind kind = RangeKind::whole;
  Span span;
  bool operator==(const RangeAnswer&) const = default;
};
RangeAnswer parse_range(std::string_view field, std::uint64_t size);

// The Content-Range of an upload: "bytes first-last/total", the total known, all below 2^63.
// Errc::malformed.
struct Piece {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  std::uint64_t total = 0;
  std::uint64_t length() const { return last - first + 1; }
  bool is_last() const { return last + 1 == total; }
  bool operator==(const Piece&) const = default;
};
Result<Piece> parse_content_range(std::string_view field);

// Only digits, at least one. Numbers above 2^64-1 become that. nullopt: something else.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace nigh::resource
