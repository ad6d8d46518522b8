// SPDX-License-Identifier: Apache-2.0
#include "files/partial.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "files/failure.hpp"

namespace nigh::files {
namespace {

constexpr int kTries = 16;  // others may finish, and so rename, what we just opened

// Nobody else could have put bytes into it, or could now.
bool is_private(const struct stat& status) {
  return S_ISREG(status.st_mode) && status.st_uid == ::geteuid() && status.st_nlink == 1 &&
         (status.st_mode & 077) == 0;
}

bool is_still_called(int directory, const std::string& name, const struct stat& opened) {
  struct stat now;  // filled by the kernel
  return ::fstatat(directory, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 &&
         now.st_ino == opened.st_ino && now.st_dev == opened.st_dev;
}

enum class Outcome { done, again, failed };  // failed: errno

Outcome try_once(int directory, const std::string& name, LockedFile& file) {
  file.fd =
      UniqueFd(::openat(directory, name.c_str(),
                        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
  struct stat status;  // filled by the kernel
  if (!file.fd.valid() && errno != ELOOP && errno != ENXIO && errno != EACCES)
    return Outcome::failed;
  if (file.fd.valid() && ::fstat(file.fd.get(), &status) != 0) return Outcome::failed;
  if (!file.fd.valid() || !is_private(status)) {
    if (::unlinkat(directory, name.c_str(), 0) != 0 && errno != ENOENT) return Outcome::failed;
    return Outcome::again;
  }
  if (::flock(file.fd.get(), LOCK_EX | LOCK_NB) != 0) return Outcome::failed;
  // Whoever had the lock before may have renamed or removed it.
  if (!is_still_called(directory, name, status)) return Outcome::again;
  if (::fstat(file.fd.get(), &status) != 0) return Outcome::failed;
  file.size = static_cast<std::uint64_t>(status.st_size);
  return Outcome::done;
}

}  // namespace

Result<LockedFile> open_locked(int directory, const std::string& name, const std::string& path) {
  LockedFile file;
  for (int i = 0; i < kTries; ++i) {
    auto outcome = try_once(directory, name, file);
    if (outcome == Outcome::done) return file;
    if (outcome == Outcome::again) continue;
    if (errno != EWOULDBLOCK) return fail_file("cannot write", path, errno);
    break;
  }
  return fail(Errc::unavailable,
              "another transfer is writing " + printable(path) + " now; try again when it is done");
}

}  // namespace nigh::files
