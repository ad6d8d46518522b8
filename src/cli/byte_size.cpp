// SPDX-License-Identifier: Apache-2.0
#include "cli/byte_size.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

constexpr std::string_view kLetters = "kmgtpe";
constexpr double kTooLarge = 9.2e18;  // a little below 2^63

std::unexpected<Error> refuse(std::string_view text) {
  return fail(Errc::usage, fmt::format("'{}' is no number of bytes: write 500000, 512K, 10M or "
                                       "1.5G",
                                       printable(text)));
}

// What the letters behind a number multiply it with.
std::optional<double> factor_of(std::string_view suffix) {
  if (suffix.empty() || suffix == "b") return 1;
  auto power = kLetters.find(suffix[0]);
  if (power == kLetters.npos) return std::nullopt;
  auto rest = suffix.substr(1);
  double base = rest == "b" ? 1000 : 1024;
  if (!rest.empty() && rest != "b" && rest != "ib") return std::nullopt;
  return std::pow(base, static_cast<double>(power + 1));
}

}  // namespace

Result<std::uint64_t> parse_byte_size(std::string_view text) {
  double number = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || std::signbit(number) || !std::isfinite(number)) return refuse(text);
  auto suffix = lower(text.substr(static_cast<std::size_t>(end - text.data())));
  auto factor = factor_of(suffix);
  if (!factor || number * *factor > kTooLarge) return refuse(text);
  return static_cast<std::uint64_t>(number * *factor);
}

std::string describe_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  auto number = static_cast<double>(bytes);
  std::size_t letter = 0;
  // 999.6 kB would be shown as 1000.
  for (number /= 1000; number >= 999.5 && letter + 1 < kLetters.size(); number /= 1000) ++letter;
  char shown = letter == 0 ? 'k' : static_cast<char>(kLetters[letter] - 'a' + 'A');
  return fmt::format("{:.{}f} {}B", number, number < 9.95 ? 1 : 0, shown);
}

std::string describe_rate(double bytes_per_second) {
  return describe_bytes(static_cast<std::uint64_t>(std::llround(bytes_per_second))) + "/s";
}

std::string with_commas(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string count_of(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(number), noun, number == 1 ? "" : "s");
}

}  // namespace nigh::cli
