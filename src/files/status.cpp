// SPDX-License-Identifier: Apache-2.0
#include "files/status.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace nigh::files {
namespace {

constexpr unsigned kBlock = 512;  // the unit of stx_blocks, whatever the file system's is

Kind kind_of(unsigned mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return Kind::directory;
    case S_IFLNK:
      return Kind::symlink;
    case S_IFIFO:
      return Kind::fifo;
    case S_IFSOCK:
      return Kind::socket;
    case S_IFCHR:
      return Kind::char_device;
    case S_IFBLK:
      return Kind::block_device;
    default:
      return Kind::file;
  }
}

void fill(const struct statx& status, Entry& entry) {
  entry.kind = kind_of(status.stx_mode);
  entry.mode = status.stx_mode & 07777;
  entry.uid = status.stx_uid;
  entry.gid = status.stx_gid;
  entry.size = entry.kind == Kind::file ? status.stx_size : 0;
  entry.mtime = {status.stx_mtime.tv_sec, status.stx_mtime.tv_nsec};
  bool is_device = entry.kind == Kind::char_device || entry.kind == Kind::block_device;
  entry.device_major = is_device ? status.stx_rdev_major : 0;
  entry.device_minor = is_device ? status.stx_rdev_minor : 0;
  entry.target.clear();
  entry.xattrs.clear();
  entry.device = makedev(status.stx_dev_major, status.stx_dev_minor);
  entry.inode = status.stx_ino;
  entry.links = status.stx_nlink;
  entry.allocated = status.stx_blocks * kBlock;
}

int read(int directory, const char* name, int flags, Entry& entry) {
  struct statx status;  // filled by the kernel
  if (::statx(directory, name, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &status) != 0)
    return errno;
  fill(status, entry);
  return 0;
}

}  // namespace

int read_status(int directory, const char* name, Links links, Entry& entry) {
  return read(directory, name, links == Links::keep ? AT_SYMLINK_NOFOLLOW : 0, entry);
}

int read_status_of(int fd, Entry& entry) { return read(fd, "", AT_EMPTY_PATH, entry); }

int read_target(int directory, const char* name, Entry& entry) {
  std::array<char, PATH_MAX> target;  // filled by the kernel; no link is longer
  auto length = ::readlinkat(directory, name, target.data(), target.size());
  if (length < 0) return errno;
  entry.target.assign(target.data(), static_cast<std::size_t>(length));
  return 0;
}

}  // namespace nigh::files
