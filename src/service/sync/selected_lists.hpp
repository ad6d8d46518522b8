// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "files/tree_digest.hpp"

namespace nigh::sync {

// Lists folders of a tree in any order, with the ignore files of all folders above in force.
// Cheapest in path_before() order.
class SelectedLists {
 public:
  SelectedLists(const files::Directory& top, files::Selection& selection)
      : top_(top), selection_(selection) {}
  ~SelectedLists() { leave_to(""); }
  SelectedLists(const SelectedLists&) = delete;
  SelectedLists& operator=(const SelectedLists&) = delete;

  // `directory` is what `path` leads to.
  Result<std::vector<files::Entry>> list(const files::Directory& directory, const std::string& path,
                                         const files::OnFailed& on_failed,
                                         std::vector<std::string>* temporaries = nullptr);

 private:
  void leave_to(std::string_view path);
  void enter(const std::string& path);

  const files::Directory& top_;
  files::Selection& selection_;
  std::vector<std::string> entered_;
};

// "a/b" above "c" is "a/b/c"; "" above it is "c".
std::string join(std::string_view folder, std::string_view name);
std::string_view parent_of(std::string_view path);  // "" for "a"
std::string_view last_of(std::string_view path);    // "c" of "a/b/c"

}  // namespace nigh::sync
