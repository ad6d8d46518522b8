// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "files/entry.hpp"

namespace nigh::files {

// An open directory. What is in it is reached by one name at a time through its descriptor, with
// O_NOFOLLOW: no path that a peer had a say in is ever resolved by the kernel as a whole.
// One that may be searched but not read is opened too; list() fails on it.
// Errors: Errc::not_found (ENOENT), Errc::refused (EACCES, EPERM, EROFS), Errc::usage (ENOTDIR,
// ELOOP: not a directory, or a link in the way), Errc::system (others). `path()` is for messages.
class Directory {
 public:
  // A person's own path: links in it are followed.
  static Result<Directory> open(const std::string& path);

  // One that is open already.
  static Directory adopt(UniqueFd fd, std::string path);

  // `name` is one component here and everywhere below: what is not gives Errc::usage.
  Result<Directory> child(std::string_view name) const;
  // "a/b/c" relative to this, through openat2(RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS);
  // "" is this directory again.
  Result<Directory> beneath(std::string_view relative) const;
  // mkdirat and child(). `mode` may lack what we need to write in it: the caller sets it later.
  Result<Directory> make_child(std::string_view name, std::uint32_t mode) const;

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view name) const;

 private:
  Directory(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  UniqueFd fd_;
  std::string path_;
};

// Told of what could not be read, with its whole path (Directory::path_of): the rest goes on.
using OnFailed = std::function<void(const std::string& path, const Error& error)>;

// One entry, the thing itself (a link is a link). With `xattrs` also those.
Result<Entry> stat_entry(const Directory& directory, std::string_view name, bool xattrs);
// The same for what a descriptor names; `name` stays empty.
Result<Entry> stat_fd(int fd, bool xattrs, const std::string& path);
// All entries, sorted by the bytes of their names, without "." and ".." and without our temporary
// names; those go, as they are, to `temporaries` if that is not null. Fails only if the directory
// itself cannot be read. What vanishes meanwhile is left out. Not for two threads at once on one
// Directory: its read position is used.
Result<std::vector<Entry>> list(const Directory& directory, bool xattrs, const OnFailed& on_failed,
                                std::vector<std::string>* temporaries = nullptr);

// For reading, O_NOFOLLOW and without blocking on a FIFO; Errc::usage if it is no regular file.
Result<UniqueFd> open_file(const Directory& directory, std::string_view name);

// Removes a file, or a directory with all that is in it; goes on after a failure and reports each.
// False: something is left.
bool remove_tree(const Directory& directory, std::string_view name, const OnFailed& on_failed);

}  // namespace nigh::files
