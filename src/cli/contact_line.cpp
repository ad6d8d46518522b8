// SPDX-License-Identifier: Apache-2.0
#include "cli/contact_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/duration.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

constexpr auto kSave =
    "\x1b"
    "7";
constexpr auto kRestore =
    "\x1b"
    "8";

// The last column stays free: terminals differ in what they do there.
std::string at_the_right(std::size_t width, const WindowSize& window) {
  auto column =
      std::max<std::size_t>(1, window.columns - std::min<std::size_t>(window.columns, width));
  return fmt::format("\x1b[{};{}H\x1b[0m", window.rows, column);
}

}  // namespace

std::string contact_text(std::string_view host, std::chrono::milliseconds since,
                         std::string_view way_out, std::size_t columns) {
  auto time =
      describe(std::max(std::chrono::floor<std::chrono::seconds>(since), std::chrono::seconds(1)));
  auto leaves = way_out.empty() ? "" : fmt::format("; {} leaves", way_out);
  auto out = way_out.empty() ? "" : fmt::format("; {}", way_out);
  auto shown = printable(host);
  std::array candidates{fmt::format("nigh: no contact with {} for {}{}", shown, time, leaves),
                        fmt::format("nigh: no contact for {}{}", time, leaves),
                        fmt::format("no contact {}{}", time, leaves),
                        fmt::format("no contact {}{}", time, out),
                        fmt::format("lost {}{}", time, out),
                        time};
  for (auto& text : candidates)
    if (columns_of(text) <= columns) return text;
  return "";
}

std::string draw_at_bottom(std::string_view text, const WindowSize& window) {
  return fmt::format("{}{}\x1b[2m{}\x1b[0m{}", kSave, at_the_right(columns_of(text), window), text,
                     kRestore);
}

std::string erase_at_bottom(std::string_view text, const WindowSize& window) {
  auto width = columns_of(text);
  return fmt::format("{}{}\x1b[{}X{}", kSave, at_the_right(width, window), width, kRestore);
}

}  // namespace nigh::cli
