// SPDX-License-Identifier: Apache-2.0
#include "conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace nigh::emulator {
namespace {

constexpr std::size_t kSmallestQueue = 256 * 1024;  // a few offloaded packets of 64 KiB

struct Unit {
  std::string_view suffix;
  double factor;
};
constexpr std::array kTimes = {Unit{"us", 1e3}, Unit{"ms", 1e6}, Unit{"s", 1e9}};
constexpr std::array kRates = {Unit{"kbit", 1e3}, Unit{"mbit", 1e6}, Unit{"gbit", 1e9}};
constexpr std::array kShares = {Unit{"%", 0.01}, Unit{"", 1}};
constexpr std::array kCounts = {Unit{"", 1}};

// A number directly followed by one of `units`; nothing negative, nothing after it.
template <std::size_t N>
std::optional<double> parse_quantity(std::string_view text, const std::array<Unit, N>& units) {
  double number = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || !(number >= 0) || number > 1e15) return std::nullopt;
  std::string_view suffix(end, text.end());
  auto unit = std::ranges::find(units, suffix, &Unit::suffix);
  if (unit == units.end()) return std::nullopt;
  return number * unit->factor;
}

std::unexpected<Error> bad_value(std::string_view command, std::string_view value,
                                 std::string_view example) {
  return fail(Errc::usage,
              fmt::format("'{}' is no value for '{}': try {}", value, command, example));
}

Result<void> set_delay(std::string_view value, Conditions& conditions) {
  auto ns = parse_quantity(value, kTimes);
  if (!ns || *ns > 60e9) return bad_value("delay", value, "50ms (60s is the most)");
  conditions.delay = std::chrono::nanoseconds(static_cast<std::int64_t>(*ns));
  return {};
}

Result<void> set_rate(std::string_view value, Conditions& conditions) {
  auto bits = value == "unlimited" ? 0.0 : parse_quantity(value, kRates);
  if (!bits || (*bits < 1000 && value != "unlimited")) {
    return bad_value("rate", value, "1gbit, 20mbit or unlimited");
  }
  conditions.bits_per_second = static_cast<std::uint64_t>(*bits);
  return {};
}

Result<void> set_loss(std::string_view value, Conditions& conditions) {
  auto share = parse_quantity(value, kShares);
  if (!share || *share > 1) return bad_value("loss", value, "0.01 or 1%");
  conditions.loss = *share;
  return {};
}

Result<void> set_queue(std::string_view value, Conditions& conditions) {
  auto bytes = value == "auto" ? 0.0 : parse_quantity(value, kCounts);
  if (!bytes) return bad_value("queue", value, "500000 (bytes) or auto");
  conditions.queue_limit = static_cast<std::size_t>(*bytes);
  return {};
}

Result<void> set_seed(std::string_view value, Conditions& conditions) {
  auto seed = parse_quantity(value, kCounts);
  if (!seed) return bad_value("seed", value, "7");
  conditions.seed = static_cast<std::uint64_t>(*seed);
  return {};
}

Result<void> set_up(bool up, std::string_view value, Conditions& conditions) {
  if (!value.empty()) return bad_value(up ? "up" : "down", value, "it without a value");
  conditions.up = up;
  return {};
}

}  // namespace

std::size_t Conditions::queue_bytes() const {
  if (queue_limit != 0) return queue_limit;
  double round_trip = 2 * std::chrono::duration<double>(delay).count();
  return std::max(kSmallestQueue,
                  static_cast<std::size_t>(static_cast<double>(bits_per_second) / 8 * round_trip));
}

Result<void> apply_command(std::string_view line, Conditions& conditions) {
  auto space = line.find(' ');
  auto command = line.substr(0, space);
  auto value = space == line.npos ? std::string_view() : line.substr(space + 1);
  if (command == "delay") return set_delay(value, conditions);
  if (command == "rate") return set_rate(value, conditions);
  if (command == "loss") return set_loss(value, conditions);
  if (command == "queue") return set_queue(value, conditions);
  if (command == "seed") return set_seed(value, conditions);
  if (command == "up") return set_up(true, value, conditions);
  if (command == "down") return set_up(false, value, conditions);
  return fail(Errc::usage, fmt::format("'{}' is no command: use delay, rate, loss, queue, seed, "
                                       "down, up or stats",
                                       command));
}

}  // namespace nigh::emulator
