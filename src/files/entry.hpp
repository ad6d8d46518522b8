// SPDX-License-Identifier: Apache-2.0
// What a directory holds, as values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace nigh::files {

enum class Kind : std::uint8_t {
  file,
  directory,
  symlink,
  fifo,
  socket,
  char_device,
  block_device,
  kLast = block_device,
};

// Since 1970; nanoseconds < 10^9.
struct Time {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  auto operator<=>(const Time&) const = default;
};

struct Xattr {
  std::string name;
  std::string value;
  auto operator<=>(const Xattr&) const = default;
};

struct Entry {
  std::string name;  // one component: bytes without '/' or NUL, neither "." nor ".."
  Kind kind = Kind::file;
  std::uint32_t mode = 0;  // 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;  // of a file
  Time mtime;
  std::uint32_t device_major = 0;  // of devices
  std::uint32_t device_minor = 0;
  std::string target;         // of a symlink
  std::vector<Xattr> xattrs;  // sorted by name; only if they were asked for

  // Of this machine only; never sent.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t links = 1;
  std::uint64_t allocated = 0;  // bytes on disk
};

// What is compared and set, beside type, size, permission bits (without set-id) and mtime.
struct Preserve {
  bool owner = false;     // user and group
  bool numeric = false;   // owners by number, not by name
  bool xattrs = false;    // user.* and POSIX ACLs
  bool set_id = false;    // set-uid, set-gid and sticky bits
  bool specials = false;  // FIFOs, sockets, device nodes
  bool symlinks = false;  // as links; otherwise a link to a file stands for that file
  bool hard_links = false;
};

}  // namespace nigh::files
