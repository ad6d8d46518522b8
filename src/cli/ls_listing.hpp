// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <string>
#include <vector>

#include "cli/file_work.hpp"
#include "cli/ls_arguments.hpp"
#include "cli/ls_layout.hpp"

namespace nigh::cli {

// `nigh ls`: files first, then each folder with its name above it if there are several.
class LsListing {
 public:
  LsListing(FileWork& work, const LsArguments& arguments, LsScreen screen)
      : work_(work), arguments_(arguments), screen_(screen) {}
  async::awaitable<void> run();

 private:
  struct Folder {
    async::Host host;
    FilePath path;
  };
  // What one folder holds; `path` is that folder's.
  struct Group {
    FilePath path;
    std::vector<FileInfo> entries;
  };
  struct Tree {
    std::vector<Group> groups;  // the folder itself first, then in the order in which they are met
    std::vector<FileFailure> failures;  // with paths below the folder
  };
  async::awaitable<bool> list_at_once();
  async::awaitable<void> look(async::Host host, FilePath path, std::optional<FileInfo> info);
  async::awaitable<bool> is_folder(async::Host host, FilePath path, const FileInfo& info);
  async::awaitable<void> list(Folder folder);
  async::awaitable<Tree> read(Folder folder);
  void print_files();
  void print(const FilePath& folder, Tree tree);
  void print(Group group);

  FileWork& work_;
  const LsArguments& arguments_;
  LsScreen screen_;
  std::vector<std::pair<FilePath, FileInfo>> files_;
  std::vector<Folder> folders_;
  bool titles_ = false;
  bool printed_ = false;
};

}  // namespace nigh::cli
