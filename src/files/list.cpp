// SPDX-License-Identifier: Apache-2.0
// What is read of a directory: one entry, all entries, a file's bytes.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "files/directory.hpp"
#include "files/failure.hpp"
#include "files/name_argument.hpp"
#include "files/name_list.hpp"
#include "files/names.hpp"
#include "files/read_entry.hpp"
#include "files/status.hpp"
#include "files/xattrs.hpp"

namespace nigh::files {
namespace {

Error not_a_file(const std::string& path) {
  return {Errc::usage, printable(path) + " is not a regular file"};
}

}  // namespace

Result<void> add_xattrs(const Directory& directory, const char* name, Links links, Entry& entry) {
  int failed = read_xattrs(XattrPlace(directory.fd(), name, links == Links::follow), entry.xattrs);
  if (failed == 0) return {};
  auto path = directory.path_of(name);
  // Without /proc everything would seem to have vanished.
  if (failed == ENOENT && ::access("/proc/self/fd", F_OK) != 0)
    return fail(Errc::system, "cannot read extended attributes of " + printable(path) +
                                  ": /proc is not there, mount it");
  return std::unexpected(xattr_error("cannot read", path, failed));
}

Result<void> read_entry(const Directory& directory, const char* name, bool xattrs, Entry& entry) {
  int failed = read_status(directory.fd(), name, Links::keep, entry);
  if (failed == 0 && entry.kind == Kind::symlink) failed = read_target(directory.fd(), name, entry);
  if (failed != 0) return fail_file("cannot read", directory.path_of(name), failed);
  if (!xattrs) return {};
  return add_xattrs(directory, name, Links::keep, entry);
}

Result<Entry> stat_entry(const Directory& directory, std::string_view name, bool xattrs) {
  NameArgument argument(name);
  if (!argument.valid()) return std::unexpected(bad_name(name));
  Entry entry{.name = std::string(name)};
  if (auto read = read_entry(directory, argument.c_str(), xattrs, entry); !read)
    return std::unexpected(read.error());
  return entry;
}

Result<Entry> stat_fd(int fd, bool xattrs, const std::string& path) {
  Entry entry;
  if (int failed = read_status_of(fd, entry); failed != 0)
    return fail_file("cannot read", path, failed);
  if (int failed = xattrs ? read_xattrs(XattrPlace(fd), entry.xattrs) : 0; failed != 0)
    return std::unexpected(xattr_error("cannot read", path, failed));
  return entry;
}

Result<std::vector<Entry>> list(const Directory& directory, bool xattrs, const OnFailed& on_failed,
                                std::vector<std::string>* temporaries) {
  NameList names;
  if (auto read = names.read(directory); !read) return std::unexpected(read.error());
  std::vector<Entry> entries;
  entries.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_temporary_name(names[i])) {
      if (temporaries != nullptr) temporaries->emplace_back(names[i]);
      continue;
    }
    Entry entry{.name = std::string(names[i])};
    auto read = read_entry(directory, names.c_str(i), xattrs, entry);
    if (read)
      entries.push_back(std::move(entry));
    else if (read.error().code != Errc::not_found)
      on_failed(directory.path_of(names[i]), read.error());
  }
  return entries;
}

Result<UniqueFd> open_file(const Directory& directory, std::string_view name, Links links) {
  NameArgument argument(name);
  if (!argument.valid()) return std::unexpected(bad_name(name));
  int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  if (links == Links::keep) flags |= O_NOFOLLOW;
  UniqueFd fd(::openat(directory.fd(), argument.c_str(), flags));
  // ENXIO: a socket, or a device that nothing drives.
  if (!fd.valid() && (errno == ELOOP || errno == ENXIO))
    return std::unexpected(not_a_file(directory.path_of(name)));
  if (!fd.valid()) return fail_file("cannot open", directory.path_of(name), errno);
  struct stat status;  // filled by the kernel
  if (::fstat(fd.get(), &status) != 0)
    return fail_file("cannot open", directory.path_of(name), errno);
  if (!S_ISREG(status.st_mode)) return std::unexpected(not_a_file(directory.path_of(name)));
  return fd;
}

Result<UniqueFd> open_file(const Directory& directory, std::string_view name) {
  return open_file(directory, name, Links::keep);
}

}  // namespace nigh::files
