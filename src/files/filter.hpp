// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "files/filter_pattern.hpp"

namespace nigh::files {

// One rule: as in rsync's filters, "+ PATTERN" or "- PATTERN". Pattern language of gitignore(5): a
// slash at the start or in the middle anchors it to the folder of the rule, one at the end matches
// directories only, "*", "?", "[a-z]" do not match '/', "**" does.
struct FilterRule {
  bool include = false;
  std::string pattern;
};

// What a transfer leaves out. Pure. The first rule that matches decides (rsync's order); a path
// that none matches is in. What is in an excluded directory is excluded with it. After the rules
// come the ignore files (names such as ".gitignore") of the folders that were entered, deepest
// first; in a file the last line that matches decides, "!" includes again, as gitignore(5) says.
// Several files of one folder are read as if they were one, in the order of their names here.
class Filter {
 public:
  // Errc::usage, naming the rule, for a pattern that makes no sense (empty, unbalanced '[').
  static Result<Filter> make(std::vector<FilterRule> rules, std::vector<std::string> ignore_files);
  Filter() = default;

  bool empty() const { return rules_.empty() && ignore_files_.empty(); }
  const std::vector<FilterRule>& rules() const { return rules_; }
  const std::vector<std::string>& ignore_files() const { return ignore_files_; }

  // `path` is relative to the root of the transfer, without a leading slash; its parents are known
  // not to be excluded.
  bool excludes(std::string_view path, bool is_directory) const;

  // Walking: whoever enters a folder gives the text of its ignore files, in the order of
  // ignore_files(), empty for those that are absent, and leaves it when done.
  void enter(std::string_view directory, const std::vector<std::string>& texts);
  void leave();

 private:
  struct Folder {
    std::string path;
    std::vector<IgnoreLine> lines;
  };
  std::vector<FilterRule> rules_;
  std::vector<Pattern> patterns_;  // of the rules
  std::vector<std::string> ignore_files_;
  std::vector<Folder> folders_;
};

// Whether `path` matches `glob` ("*", "?", "[…]", "\x"; "**" crosses slashes). Linear in the
// product of the lengths at worst.
bool matches_glob(std::string_view glob, std::string_view path);

}  // namespace nigh::files
