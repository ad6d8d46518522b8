// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/sync/receiving.hpp"
#include "service/sync/target.hpp"

namespace nigh::sync {

// The folders of a round, in the order in which the sender entered them. Opens each beneath the
// target, never through a link, and sets their attributes when everything is in them.
// One thread; the directories that it hands out may be used by others.
class Folders {
 public:
  Folders(Receiving& receiving, const Target& target) : receiving_(receiving), target_(target) {}

  void add(const FolderRecord& record);
  // Null: it could not be made or opened, which has been reported. Errc::malformed by throwing if
  // there is no such folder.
  std::shared_ptr<const files::Directory> open(FolderId id);
  // As the sender knows it.
  const std::string& path(FolderId id) const;
  // The same of a number that the sender gave: Errc::malformed, by throwing, if there is no such.
  const std::string& checked_path(FolderId id) { return at(id).path; }

  // Deepest first, so that nothing changes a folder's time after it was set.
  void finish();

 private:
  static constexpr std::size_t kMostOpen = 256;
  struct Folder {
    std::string path;
    files::Entry entry;
    bool set_attributes;
    bool failed = false;
    std::shared_ptr<const files::Directory> open;
  };
  Result<std::shared_ptr<const files::Directory>> make(const FolderRecord& record);
  Result<std::shared_ptr<const files::Directory>> beneath(const std::string& path) const;
  void remember(Folder& folder, std::shared_ptr<const files::Directory> directory);
  Folder& at(FolderId id);

  Receiving& receiving_;
  const Target& target_;
  std::vector<Folder> folders_;
  std::vector<FolderId> opened_;  // ring of those that are open
  std::size_t next_opened_ = 0;
};

}  // namespace nigh::sync
