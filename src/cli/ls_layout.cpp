// SPDX-License-Identifier: Apache-2.0
#include "cli/ls_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "base/text.hpp"
#include "cli/file_text.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

constexpr std::size_t kGap = 2;  // between columns

std::string painted(const FileInfo& info, const std::string& text, const Style& style) {
  if (info.kind == FileKind::directory) return style.name(text);
  if (info.kind == FileKind::symlink) return style.dim(text);
  bool runs = info.kind == FileKind::file && (info.mode & 0111) != 0;
  return runs ? style.good(text) : text;
}

std::string shown(const std::string& bytes, const LsScreen& screen) {
  return screen.terminal ? printable(bytes) : bytes;
}

// ---- columns -----------------------------------------------------------------------------------

// Widths of the columns if there are `rows`, names going down first.
std::vector<std::size_t> widths_for(const std::vector<std::size_t>& names, std::size_t rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < names.size(); i += rows) {
    auto last = std::min(i + rows, names.size());
    widths.push_back(*std::max_element(names.begin() + static_cast<std::ptrdiff_t>(i),
                                       names.begin() + static_cast<std::ptrdiff_t>(last)));
  }
  return widths;
}

std::size_t total_width(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

// As few rows as fit.
std::size_t rows_for(const std::vector<std::size_t>& names, std::size_t columns) {
  auto most = std::clamp<std::size_t>(columns / (1 + kGap), 1, names.size());
  for (auto across = most; across > 1; --across) {
    auto rows = (names.size() + across - 1) / across;
    if (total_width(widths_for(names, rows)) <= columns) return rows;
  }
  return names.size();
}

std::string in_columns(const std::vector<FileInfo>& entries, const LsScreen& screen) {
  std::vector<std::string> names;
  std::vector<std::size_t> sizes;
  for (const auto& entry : entries) {
    names.push_back(shown(entry.path, screen));
    sizes.push_back(columns_of(names.back()));
  }
  auto rows = rows_for(sizes, screen.columns);
  auto widths = widths_for(sizes, rows);
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = row; i < names.size(); i += rows) {
      text += painted(entries[i], names[i], screen.style);
      if (i + rows < names.size()) text.append(widths[i / rows] - sizes[i] + kGap, ' ');
    }
    text += '\n';
  }
  return text;
}

// ---- details -----------------------------------------------------------------------------------

// mode, links, user, group, size, time; the name follows.
using Cells = std::array<std::string, 6>;

Cells cells_of(const FileInfo& info, bool human, std::time_t now) {
  return {mode_text(info),
          fmt::format("{}", info.links),
          printable(owner_text(info.user, info.uid)),
          printable(owner_text(info.group, info.gid)),
          human ? size_text(info.size) : fmt::format("{}", info.size),
          list_time(info.mtime, now)};
}

std::string named(const FileInfo& info, const LsScreen& screen) {
  auto text = painted(info, shown(info.path, screen), screen.style);
  if (info.kind == FileKind::symlink) text += " -> " + shown(info.target, screen);
  return text;
}

std::string with_details(const std::vector<FileInfo>& entries, bool human, const LsScreen& screen) {
  std::vector<Cells> table;
  std::array<std::size_t, 6> widths{};
  for (const auto& entry : entries) {
    table.push_back(cells_of(entry, human, screen.now));
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(table.back()[i]));
  }
  std::string text;
  for (std::size_t row = 0; row < table.size(); ++row) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const auto& cell = table[row][i];
      std::string blanks(widths[i] - columns_of(cell), ' ');
      bool number = i == 1 || i == 4;
      text += (number ? blanks + cell : cell + blanks) + ' ';
    }
    text += named(entries[row], screen) + '\n';
  }
  return text;
}

}  // namespace

void sort_entries(std::vector<FileInfo>& entries, const LsArguments& arguments) {
  auto later = [&](const FileInfo& a, const FileInfo& b) {
    if (arguments.by_size && a.size != b.size) return a.size > b.size;
    auto a_time = std::tie(a.mtime, a.mtime_nanoseconds);
    auto b_time = std::tie(b.mtime, b.mtime_nanoseconds);
    if (arguments.by_time && a_time != b_time) return a_time > b_time;
    return a.path < b.path;
  };
  std::ranges::sort(entries, later);
  if (arguments.reverse) std::ranges::reverse(entries);
}

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != path.npos;
}

std::string ls_text(const std::vector<FileInfo>& entries, const LsArguments& arguments,
                    const LsScreen& screen) {
  if (arguments.details) return with_details(entries, arguments.human, screen);
  if (screen.terminal && !arguments.single && !entries.empty()) return in_columns(entries, screen);
  std::string text;
  for (const auto& entry : entries)
    text += painted(entry, shown(entry.path, screen), screen.style) + '\n';
  return text;
}

}  // namespace nigh::cli
