// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "files/directory.hpp"
#include "service/sync/answers.hpp"

namespace nigh::sync {

// Sources that lie in one folder: what one round is about.
struct SourceGroup {
  files::Directory folder;
  Round round;
};

// Finds the sources, which are absolute or relative to the working directory. A slash at the end,
// and `contents`, mean what is in a folder instead of the folder. What is not there is reported; if
// nothing is left, throws Errc::not_found.
std::vector<SourceGroup> find_sources(const std::vector<std::string>& paths, bool contents,
                                      const files::OnFailed& on_failed);

// "a/b//" -> {"a", "b"}; {"", "/"} and the like are resolved to a folder that has a name, if any.
struct SplitPath {
  std::string folder;
  std::string name;  // empty: the path is the root itself
  bool slash = false;
};
SplitPath split_path(const std::string& path);

}  // namespace nigh::sync
