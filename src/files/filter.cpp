// SPDX-License-Identifier: Apache-2.0
#include "files/filter.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

#include "base/text.hpp"
#include "files/names.hpp"

namespace nigh::files {
namespace {

// Its path within `folder`; none: it is not in there.
std::optional<std::string_view> within(std::string_view path, std::string_view folder) {
  if (folder.empty()) return path;
  if (!path.starts_with(folder)) return std::nullopt;
  path.remove_prefix(folder.size());
  if (!path.starts_with('/')) return std::nullopt;
  return path.substr(1);
}

Result<Pattern> compile(const FilterRule& rule) {
  auto pattern = Pattern::compile(rule.pattern);
  if (pattern) return pattern;
  return fail(Errc::usage,
              fmt::format("{} '{}' makes no sense: {}", rule.include ? "to include" : "to exclude",
                          printable(rule.pattern), pattern.error().message));
}

Result<void> check_ignore_file(std::string_view name) {
  if (is_valid_name(name)) return {};
  return fail(Errc::usage, fmt::format("an ignore file cannot be called '{}': it is the name of a "
                                       "file, without folders",
                                       printable(name)));
}

}  // namespace

Result<Filter> Filter::make(std::vector<FilterRule> rules, std::vector<std::string> ignore_files) {
  Filter filter;
  for (const auto& rule : rules) {
    auto pattern = compile(rule);
    if (!pattern) return std::unexpected(pattern.error());
    filter.patterns_.push_back(*std::move(pattern));
  }
  for (const auto& name : ignore_files)
    if (auto checked = check_ignore_file(name); !checked) return std::unexpected(checked.error());
  filter.rules_ = std::move(rules);
  filter.ignore_files_ = std::move(ignore_files);
  return filter;
}

bool Filter::excludes(std::string_view path, bool is_directory) const {
  for (std::size_t i = 0; i < rules_.size(); ++i)
    if (patterns_[i].matches(path, is_directory)) return !rules_[i].include;
  for (const auto& folder : std::views::reverse(folders_)) {
    auto inner = within(path, folder.path);
    if (!inner) continue;
    for (const auto& line : std::views::reverse(folder.lines))
      if (line.pattern.matches(*inner, is_directory)) return !line.include;
  }
  return false;
}

void Filter::enter(std::string_view directory, const std::vector<std::string>& texts) {
  Folder folder{.path = std::string(directory), .lines = {}};
  for (const auto& text : texts)
    std::ranges::move(parse_ignore_file(text), std::back_inserter(folder.lines));
  folders_.push_back(std::move(folder));
}

void Filter::leave() { folders_.pop_back(); }

}  // namespace nigh::files
