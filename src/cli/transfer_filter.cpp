// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_filter.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

Result<void> add_ignore_file(const std::string& name, TransferOptions& options) {
  if (name.empty() || name == "." || name == ".." || name.contains('/'))
    return fail(Errc::usage, fmt::format("'{}' is no name of ignore files: they lie in the folders "
                                         "that are copied, so it has no slash",
                                         printable(name)));
  options.ignore_files.push_back(name);
  return {};
}

Result<void> add_pattern(bool include, std::string_view pattern, TransferOptions& options) {
  if (pattern.empty() || pattern == "/")
    return fail(Errc::usage,
                fmt::format("the pattern to {} is empty", include ? "include" : "exclude"));
  options.filter.push_back({include, std::string(pattern)});
  return {};
}

}  // namespace

void FilterArguments::add(CLI::App& app, const char* name, Kind kind, const char* value,
                          const char* says) {
  auto keep = [this, kind](const std::string& text) { typed_.push_back({kind, text}); };
  // Called for each as it is met: only so the order among different options is known.
  app.add_option_function<std::string>(name, keep, says)
      ->type_name(value)
      ->allow_extra_args(false)
      ->trigger_on_parse();
}

void FilterArguments::add_options(CLI::App& app) {
  add(app, "--include", Kind::include, "PATTERN",
      "Copy what matches, whatever the following rules exclude.");
  add(app, "--exclude", Kind::exclude, "PATTERN",
      "Leave out what matches: *.o anywhere, /build here only, tmp/ folders only, a/**/b across "
      "folders, as in gitignore(5). The first rule that matches decides.");
  add(app, "--filter", Kind::rule, "RULE",
      "A rule as rsync has them: '+ PATTERN', '- PATTERN', or ':- NAME' for --ignore-file NAME.");
  add(app, "--ignore-file", Kind::ignore_file, "NAME",
      "In each folder follow the file of this name, which is written as .gitignore is.");
  app.add_flag_function(
         "--gitignore",
         [this](std::int64_t) { typed_.push_back({Kind::ignore_file, ".gitignore"}); },
         "Short for --ignore-file .gitignore.")
      ->trigger_on_parse();
}

Result<void> FilterArguments::apply(TransferOptions& options) const {
  for (const auto& [kind, text] : typed_) {
    auto applied = kind == Kind::ignore_file ? add_ignore_file(text, options)
                   : kind == Kind::rule      ? apply_rule(text, options)
                                             : add_pattern(kind == Kind::include, text, options);
    if (!applied) return applied;
  }
  return {};
}

Result<void> FilterArguments::apply_rule(std::string_view text, TransferOptions& options) {
  auto rest = text;
  auto takes = [&rest](std::string_view sign) {
    bool there = rest.starts_with(sign);
    if (there) rest.remove_prefix(sign.size());
    return there;
  };
  if (takes(":- ")) return add_ignore_file(std::string(rest), options);
  if (takes("+ ") || takes("include ")) return add_pattern(true, rest, options);
  if (takes("- ") || takes("exclude ")) return add_pattern(false, rest, options);
  return fail(Errc::usage, fmt::format("--filter: '{}' is no rule: write '+ PATTERN', '- PATTERN' "
                                       "or ':- NAME' (of ignore files)",
                                       printable(text)));
}

std::vector<std::string> filter_words(const TransferOptions& options) {
  std::vector<std::string> words;
  for (const auto& rule : options.filter)
    words.push_back((rule.include ? "--include=" : "--exclude=") + rule.pattern);
  for (const auto& name : options.ignore_files) words.push_back("--ignore-file=" + name);
  return words;
}

}  // namespace nigh::cli
