// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "files/filter_glob.hpp"

namespace nigh::files {

// One pattern of gitignore(5), made ready for many matches.
class Pattern {
 public:
  // Without a sign before it, and to the last byte. Errc::usage: it could never match.
  static Result<Pattern> compile(std::string_view text);

  // `path` is relative to the folder that the pattern belongs to.
  bool matches(std::string_view path, bool is_directory) const;

 private:
  Glob glob_;
  bool whole_path_ = false;  // else the last name of it
  bool directories_only_ = false;
};

struct IgnoreLine {
  bool include = false;  // "!pattern"
  Pattern pattern;
};

// The lines of an ignore file that can match something, in their order.
std::vector<IgnoreLine> parse_ignore_file(std::string_view text);

}  // namespace nigh::files
