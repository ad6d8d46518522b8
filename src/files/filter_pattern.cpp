// SPDX-License-Identifier: Apache-2.0
#include "files/filter_pattern.hpp"

#include "base/text.hpp"

namespace nigh::files {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Spaces at the end, unless a backslash stands before one.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\') ++i;
    end = i + 1;
  }
  return line.substr(0, end);
}

std::optional<IgnoreLine> parse_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with('#')) return std::nullopt;
  line = without_trailing_spaces(line);
  bool include = line.starts_with('!');
  if (include) line.remove_prefix(1);
  auto pattern = Pattern::compile(line);
  if (!pattern) return std::nullopt;
  return IgnoreLine{include, *std::move(pattern)};
}

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
  Pattern pattern;
  pattern.directories_only_ = text.ends_with('/');
  if (pattern.directories_only_) text.remove_suffix(1);
  pattern.whole_path_ = text.contains('/');
  if (text.starts_with('/')) text.remove_prefix(1);
  if (text.empty()) return fail(Errc::usage, "it is empty");
  auto glob = Glob::compile(text);
  if (!glob) return std::unexpected(glob.error());
  pattern.glob_ = *std::move(glob);
  return pattern;
}

bool Pattern::matches(std::string_view path, bool is_directory) const {
  if (directories_only_ && !is_directory) return false;
  if (!whole_path_) path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  return glob_.matches(path);
}

std::vector<IgnoreLine> parse_ignore_file(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<IgnoreLine> lines;
  for (auto line : split(text, '\n'))
    if (auto parsed = parse_line(line)) lines.push_back(*std::move(parsed));
  return lines;
}

}  // namespace nigh::files
