// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "files/descent.hpp"
#include "files/directory.hpp"
#include "files/failure.hpp"
#include "files/name_argument.hpp"
#include "files/name_list.hpp"

namespace nigh::files {
namespace {

enum class Removed { yes, no, is_directory };

Removed remove_name(const Directory& directory, const char* name, int flags,
                    const OnFailed& on_failed) {
  if (::unlinkat(directory.fd(), name, flags) == 0 || errno == ENOENT) return Removed::yes;
  if (flags == 0 && errno == EISDIR) return Removed::is_directory;
  auto path = directory.path_of(name);
  on_failed(path, file_error("cannot remove", path, errno));
  return Removed::no;
}

// Empties and removes directories, the deepest first, without recursion: depth is the peer's.
class TreeRemoval {
 public:
  TreeRemoval(const Directory& top, const OnFailed& on_failed)
      : descent_(top), on_failed_(on_failed) {}

  bool run(std::string_view name) {
    bool all = enter(name);
    while (!levels_.empty()) {
      auto& level = levels_.back();
      if (level.directories.empty()) {
        all = leave() && all;
      } else {
        auto next = std::move(level.directories.back());
        level.directories.pop_back();
        all = enter(next) && all;
      }
    }
    return all;
  }

 private:
  struct Level {
    std::string name;
    std::vector<std::string> directories;  // still to be removed
    bool emptied = true;                   // so far as was tried
  };

  // Removes all but the directories. False: it could not be entered, or something stays.
  bool enter(std::string_view name) {
    auto path = descent_.here().path_of(name);
    if (auto entered = descent_.enter(name); !entered) {
      if (entered.error().code == Errc::not_found) return true;
      if (!levels_.empty()) levels_.back().emptied = false;
      return report(path, entered.error());
    }
    levels_.push_back({std::string(name), {}, true});
    auto read = names_.read(descent_.here());
    if (!read) return levels_.back().emptied = report(path, read.error());
    for (std::size_t i = 0; i < names_.size(); ++i) remove_or_remember(i);
    return levels_.back().emptied;
  }

  void remove_or_remember(std::size_t i) {
    auto removed = names_.type(i) == DT_DIR
                       ? Removed::is_directory
                       : remove_name(descent_.here(), names_.c_str(i), 0, on_failed_);
    if (removed == Removed::is_directory) levels_.back().directories.emplace_back(names_[i]);
    if (removed == Removed::no) levels_.back().emptied = false;
  }

  bool leave() {
    auto level = std::move(levels_.back());
    levels_.pop_back();
    auto path = descent_.here().path();
    if (auto left = descent_.leave(); !left) {
      levels_.clear();  // there is no way back
      return report(path, left.error());
    }
    bool gone = level.emptied && remove_name(descent_.here(), level.name.c_str(), AT_REMOVEDIR,
                                             on_failed_) == Removed::yes;
    if (!gone && !levels_.empty()) levels_.back().emptied = false;
    return gone;
  }

  bool report(const std::string& path, const Error& error) {
    on_failed_(path, error);
    return false;
  }

  Descent descent_;
  const OnFailed& on_failed_;
  NameList names_;
  std::vector<Level> levels_;
};

}  // namespace

bool remove_tree(const Directory& directory, std::string_view name, const OnFailed& on_failed) {
  NameArgument argument(name);
  if (!argument.valid()) {
    on_failed(directory.path_of(name), bad_name(name));
    return false;
  }
  auto removed = remove_name(directory, argument.c_str(), 0, on_failed);
  if (removed != Removed::is_directory) return removed == Removed::yes;
  return TreeRemoval(directory, on_failed).run(name);
}

}  // namespace nigh::files
