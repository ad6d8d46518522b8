// SPDX-License-Identifier: Apache-2.0
#include "files/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "files/beneath.hpp"
#include "files/failure.hpp"
#include "files/name_argument.hpp"

namespace nigh::files {
namespace {

constexpr std::string_view kOpen = "cannot open";

}  // namespace

Result<Directory> Directory::open(const std::string& path) {
  if (path.contains('\0')) return fail_file(kOpen, path, ENOENT);
  auto fd = open_directory(AT_FDCWD, path.c_str(), 0);
  if (!fd.valid()) return fail_file(kOpen, path, errno);
  return Directory(std::move(fd), path);
}

Directory Directory::adopt(UniqueFd fd, std::string path) {
  return {std::move(fd), std::move(path)};
}

Result<Directory> Directory::child(std::string_view name) const {
  NameArgument argument(name);
  if (!argument.valid()) return std::unexpected(bad_name(name));
  auto fd = open_directory(fd_.get(), argument.c_str(), O_NOFOLLOW);
  if (!fd.valid()) return fail_file(kOpen, path_of(name), errno);
  return Directory(std::move(fd), path_of(name));
}

Result<Directory> Directory::beneath(std::string_view relative) const {
  auto fd =
      relative.empty() ? open_directory(fd_.get(), ".", 0) : open_beneath(fd_.get(), relative);
  auto path = relative.empty() ? path_ : path_of(relative);
  if (fd.valid()) return Directory(std::move(fd), std::move(path));
  if (errno == EXDEV) return std::unexpected(bad_name(relative));
  return fail_file(kOpen, path, errno);
}

Result<Directory> Directory::make_child(std::string_view name, std::uint32_t mode) const {
  NameArgument argument(name);
  if (!argument.valid()) return std::unexpected(bad_name(name));
  // More for the owner than asked for, never for others.
  if (::mkdirat(fd_.get(), argument.c_str(), (mode & 0777) | 0700) != 0)
    return fail_file("cannot make the directory", path_of(name), errno);
  return child(name);
}

std::string Directory::path_of(std::string_view name) const {
  std::string path;
  path.reserve(path_.size() + 1 + name.size());
  path += path_;
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

}  // namespace nigh::files
