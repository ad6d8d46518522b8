// SPDX-License-Identifier: Apache-2.0
// Extended attributes: those of users, and POSIX ACLs. Others (security.*, trusted.*) are the
// machine's own and neither read nor set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "files/entry.hpp"

namespace nigh::files {

bool is_handled_xattr(std::string_view name);

// Whose they are: an open file, or a name in a directory. For the latter the kernel has no *at()
// call; /proc/self/fd/<directory>/<name> stands for it.
class XattrPlace {
 public:
  explicit XattrPlace(int fd) : fd_(fd) {}
  XattrPlace(int directory, const char* name, bool follow);

  // As listxattr(2) and its kin: -1 and errno.
  ssize_t list(char* into, std::size_t size) const;
  ssize_t get(const char* name, char* into, std::size_t size) const;
  int set(const Xattr& xattr) const;
  int remove(const char* name) const;

 private:
  int fd_ = -1;
  std::string path_;
  bool follow_ = false;
};

inline constexpr std::size_t kMaxXattrBytes = 1 << 20;  // of one entry, names and values together

// Sorted by name. 0 or an errno; E2BIG: more than kMaxXattrBytes. None where the file system has
// none.
int read_xattrs(const XattrPlace& place, std::vector<Xattr>& into);
// Makes them those of `wanted`. Goes on after a failure and returns the first. Errc::refused for a
// name that is not handled.
Result<void> set_xattrs(const XattrPlace& place, const std::vector<Xattr>& wanted,
                        const std::string& path);
Error xattr_error(std::string_view what, const std::string& path, int error_number);

}  // namespace nigh::files
