// SPDX-License-Identifier: Apache-2.0
#include "cli/file_text.hpp"

#include <fmt/format.h>

#include <array>

namespace nigh::cli {
namespace {

constexpr std::string_view kTypes = "-dlpscb";  // in the order of FileKind
constexpr std::time_t kHalfAYear = 31'556'952 / 2;

// Beyond the years that a calendar has.
std::string plain(std::int64_t seconds) { return fmt::format("@{}", seconds); }

std::string formatted(const std::tm& parts, const char* format) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

using Wide = unsigned __int128;  // ten times any size

std::uint64_t rounded_up(Wide bytes, std::uint64_t unit) {
  return static_cast<std::uint64_t>((bytes + unit - 1) / unit);
}

char execute_bit(std::uint32_t mode, std::uint32_t execute, std::uint32_t special, char letter) {
  bool can = (mode & execute) != 0;
  if ((mode & special) == 0) return can ? 'x' : '-';
  return static_cast<char>(can ? letter : letter - 'a' + 'A');
}

}  // namespace

std::string mode_text(const FileInfo& info) {
  auto mode = info.mode;
  auto bit = [mode](std::uint32_t mask, char letter) { return (mode & mask) != 0 ? letter : '-'; };
  return {kTypes[static_cast<std::size_t>(info.kind)], bit(0400, 'r'), bit(0200, 'w'),
          execute_bit(mode, 0100, 04000, 's'),         bit(0040, 'r'), bit(0020, 'w'),
          execute_bit(mode, 0010, 02000, 's'),         bit(0004, 'r'), bit(0002, 'w'),
          execute_bit(mode, 0001, 01000, 't')};
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{}", bytes);
  constexpr std::string_view kUnits = "KMGTPE";
  constexpr std::uint64_t kMost = 1023;  // of a unit; then the next
  std::uint64_t scale = 1024;
  std::size_t unit = 0;
  for (; unit + 1 < kUnits.size() && rounded_up(bytes, scale) > kMost; ++unit) scale *= 1024;
  auto tenths = rounded_up(Wide(bytes) * 10, scale);
  if (tenths < 100) return fmt::format("{}.{}{}", tenths / 10, tenths % 10, kUnits[unit]);
  return fmt::format("{}{}", rounded_up(bytes, scale), kUnits[unit]);
}

std::string list_time(std::int64_t seconds, std::time_t now) {
  std::tm parts{};
  auto time = static_cast<std::time_t>(seconds);
  if (::localtime_r(&time, &parts) == nullptr) return plain(seconds);
  bool recent = time <= now && now - time < kHalfAYear;
  return formatted(parts, recent ? "%b %e %H:%M" : "%b %e  %Y");
}

std::string local_time(std::int64_t seconds, std::uint32_t nanoseconds) {
  std::tm parts{};
  auto time = static_cast<std::time_t>(seconds);
  if (::localtime_r(&time, &parts) == nullptr) return plain(seconds);
  return fmt::format("{}.{:09} {}", formatted(parts, "%Y-%m-%d %H:%M:%S"), nanoseconds,
                     formatted(parts, "%z"));
}

std::string utc_time(std::int64_t seconds, std::uint32_t nanoseconds) {
  std::tm parts{};
  auto time = static_cast<std::time_t>(seconds);
  if (::gmtime_r(&time, &parts) == nullptr) return plain(seconds);
  return fmt::format("{}.{:09}Z", formatted(parts, "%Y-%m-%dT%H:%M:%S"), nanoseconds);
}

std::string owner_text(const std::string& name, std::uint32_t number) {
  return name.empty() ? fmt::format("{}", number) : name;
}

std::string last_component(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  auto slash = path.rfind('/');
  if (slash == path.npos || path.size() == 1) return std::string(path);
  return std::string(path.substr(slash + 1));
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string path(folder.empty() ? "~" : folder);
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

}  // namespace nigh::cli
