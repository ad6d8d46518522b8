// SPDX-License-Identifier: Apache-2.0
#include "files/attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "files/apply_to_name.hpp"
#include "files/failure.hpp"
#include "files/name_argument.hpp"
#include "files/status.hpp"
#include "files/xattrs.hpp"

namespace nigh::files {
namespace {

constexpr std::uint32_t kPermissions = 0777;
constexpr std::uint32_t kSetId = S_ISUID | S_ISGID;
constexpr std::uint32_t kGroup = S_IRWXG;
constexpr uid_t kSame = static_cast<uid_t>(-1);

// An open file or directory, or a name of something else: the calls for each.
struct Target {
  int fd = -1;                 // of the file, or of the directory
  const char* name = nullptr;  // in it; null: the file itself

  int chown(uid_t uid, gid_t gid) const {
    return name == nullptr ? ::fchown(fd, uid, gid)
                           : ::fchownat(fd, name, uid, gid, AT_SYMLINK_NOFOLLOW);
  }
  int chmod(mode_t mode) const {
    return name == nullptr ? ::fchmod(fd, mode) : ::fchmodat(fd, name, mode, AT_SYMLINK_NOFOLLOW);
  }
  int set_mtime(Time mtime) const {
    std::array<timespec, 2> times{{{0, UTIME_OMIT}, {mtime.seconds, mtime.nanoseconds}}};
    return name == nullptr ? ::futimens(fd, times.data())
                           : ::utimensat(fd, name, times.data(), AT_SYMLINK_NOFOLLOW);
  }
  int read(Entry& entry) const {
    return name == nullptr ? read_status_of(fd, entry) : read_status(fd, name, Links::keep, entry);
  }
  XattrPlace xattrs() const {
    return name == nullptr ? XattrPlace(fd) : XattrPlace(fd, name, false);
  }
};

class Application {
 public:
  Application(const Target& target, const Entry& entry, const Preserve& preserve,
              const std::string& path)
      : target_(target), entry_(entry), preserve_(preserve), path_(path) {}

  Result<void> run() {
    if (preserve_.owner) set_owner();
    if (entry_.kind != Kind::symlink) set_mode(wanted_mode());
    // Nothing but files and directories has attributes of users, and links have no ACLs either.
    if (preserve_.xattrs && entry_.kind != Kind::symlink) set_extended();
    if (target_.set_mtime(entry_.mtime) != 0) failed("cannot set the time of", errno);
    return std::move(first_);
  }

 private:
  void set_owner() {
    Entry now;
    if (int error = target_.read(now); error != 0) return failed("cannot read", error);
    if (now.uid == entry_.uid && now.gid == entry_.gid) return;
    if (target_.chown(entry_.uid, entry_.gid) == 0) return;
    int error = errno;
    // Set-id bits are for the owner that they were given by.
    foreign_ = true;
    if (::geteuid() == 0 || error != EPERM) return failed("cannot change the owner of", error);
    // We may give it to a group that we are in. If not even that: it stays ours, as everything
    // that we write.
    if (now.gid != entry_.gid) (void)target_.chown(kSame, entry_.gid);
  }

  std::uint32_t wanted_mode() {
    auto mode = entry_.mode & (preserve_.set_id ? 07777U : kPermissions);
    if (foreign_) mode &= ~kSetId;
    // What a directory inherited from the one it is in (the group of what is made in it) is this
    // side's business.
    Entry now;
    if (entry_.kind == Kind::directory && !preserve_.set_id && target_.read(now) == 0)
      mode |= now.mode & ~kPermissions;
    return mode;
  }

  void set_mode(std::uint32_t mode) {
    if (target_.chmod(mode) != 0) failed("cannot change the mode of", errno);
  }

  void set_extended() {
    auto set = set_xattrs(target_.xattrs(), entry_.xattrs, path_);
    if (set) return;
    if (first_) first_ = set;
    // Where there is an ACL the group bits are its mask. Without it they would let a group in.
    if (std::ranges::find(entry_.xattrs, "system.posix_acl_access", &Xattr::name) !=
        entry_.xattrs.end())
      set_mode(wanted_mode() & ~kGroup);
  }

  void failed(std::string_view what, int error) {
    if (first_) first_ = fail_file(what, path_, error);
  }

  const Target& target_;
  const Entry& entry_;
  const Preserve& preserve_;
  const std::string& path_;
  bool foreign_ = false;  // the owner is not the one it had
  Result<void> first_;
};

}  // namespace

Result<void> apply(int fd, const Entry& entry, const Preserve& preserve, const std::string& path) {
  return Application({fd, nullptr}, entry, preserve, path).run();
}

Result<void> apply_at(const Directory& directory, const Entry& entry, const Preserve& preserve) {
  return apply_to_name(directory, entry.name, entry, preserve);
}

Result<void> apply_to_name(const Directory& directory, std::string_view name, const Entry& entry,
                           const Preserve& preserve) {
  NameArgument argument(name);
  if (!argument.valid()) return std::unexpected(bad_name(name));
  return Application({directory.fd(), argument.c_str()}, entry, preserve,
                     directory.path_of(entry.name))
      .run();
}

}  // namespace nigh::files
