// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/text.hpp"
#include "files/apply_to_name.hpp"
#include "files/attributes.hpp"
#include "files/failure.hpp"
#include "files/name_argument.hpp"
#include "files/temporary.hpp"

namespace nigh::files {
namespace {

mode_t type_of(Kind kind) {
  switch (kind) {
    case Kind::fifo:
      return S_IFIFO;
    case Kind::socket:
      return S_IFSOCK;
    case Kind::char_device:
      return S_IFCHR;
    case Kind::block_device:
      return S_IFBLK;
    default:
      bug("make_special: not a special file");
  }
}

int make(int directory, const char* name, const Entry& entry) {
  if (entry.kind == Kind::symlink) return ::symlinkat(entry.target.c_str(), directory, name);
  return ::mknodat(directory, name, type_of(entry.kind) | 0600,
                   makedev(entry.device_major, entry.device_minor));
}

bool is_possible_target(std::string_view target) {
  return !target.empty() && target.size() < PATH_MAX && !target.contains('\0');
}

}  // namespace

Result<void> make_special(const Directory& directory, const Entry& entry,
                          const Preserve& preserve) {
  NameArgument name(entry.name);
  auto path = directory.path_of(entry.name);
  if (!name.valid()) return std::unexpected(bad_name(entry.name));
  if (entry.kind == Kind::symlink && !is_possible_target(entry.target))
    return fail(Errc::usage, printable(path) + " is to be a link to what is no path");
  auto temporary = new_temporary_name();
  int made = make(directory.fd(), temporary.c_str(), entry);
  for (int i = 0; made != 0 && errno == EEXIST && i < kTemporaryTries; ++i) {
    temporary = new_temporary_name();
    made = make(directory.fd(), temporary.c_str(), entry);
  }
  if (made != 0) return fail_file("cannot make", path, errno);
  auto applied = apply_to_name(directory, temporary, entry, preserve);
  if (::renameat(directory.fd(), temporary.c_str(), directory.fd(), name.c_str()) != 0) {
    int error = errno;
    (void)::unlinkat(directory.fd(), temporary.c_str(), 0);  // the rename's failure counts
    return fail_file("cannot replace", path, error);
  }
  return applied;
}

}  // namespace nigh::files
