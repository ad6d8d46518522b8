// SPDX-License-Identifier: Apache-2.0
#include "service/sync/hard_links.hpp"

namespace nigh::sync {

void HardLinks::find(const files::Directory& top, SelectedLists& lists) { walk(top, "", lists); }

void HardLinks::walk(const files::Directory& directory, const std::string& path,
                     SelectedLists& lists) {
  auto ignore = [](const std::string&, const Error&) {};  // told when it matters
  auto entries = lists.list(directory, path, ignore);
  if (!entries) return;
  // In the order of digest_tree(): of the names of a file only the later ones make folders differ.
  for (const auto& entry : *entries)
    if (entry.kind != files::Kind::directory && entry.links > 1)
      names_[{entry.device, entry.inode}].push_back(join(path, entry.name));
  for (const auto& entry : *entries) {
    if (entry.kind != files::Kind::directory) continue;
    if (auto child = directory.child(entry.name)) walk(*child, join(path, entry.name), lists);
  }
}

const std::vector<std::string>& HardLinks::names(const files::Entry& entry) const {
  static const std::vector<std::string> kNone;
  auto found = names_.find({entry.device, entry.inode});
  return found != names_.end() ? found->second : kNone;
}

}  // namespace nigh::sync
