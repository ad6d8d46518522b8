// SPDX-License-Identifier: Apache-2.0
#include "files/temporary.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <random>

#include "files/hash.hpp"
#include "files/name_argument.hpp"
#include "files/new_file.hpp"

namespace nigh::files {

std::string new_temporary_name() {
  // One look at the system's randomness a process, not one a file.
  static const std::uint64_t kSeed = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }();
  static std::atomic<std::uint64_t> counter = 0;
  auto number = counter.fetch_add(1, std::memory_order_relaxed);
  std::string_view bytes(reinterpret_cast<const char*>(&number), sizeof number);
  return fmt::format(".nigh-tmp-{:016x}", hash64(bytes, kSeed));
}

void remove_temporaries(const Directory& directory, const std::vector<std::string>& names,
                        std::int64_t limit) {
  for (const auto& name : names) {
    NameArgument argument(name);
    struct stat status;  // filled by the kernel
    if (!name.starts_with(".nigh-tmp-") || !argument.valid() ||
        ::fstatat(directory.fd(), argument.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    // Not by its mtime, which may be another file's already. What cannot be removed stays: it is no
    // harm.
    if (status.st_ctim.tv_sec < limit && status.st_uid == ::geteuid())
      (void)::unlinkat(directory.fd(), argument.c_str(), 0);
  }
}

void remove_stale(const Directory& directory, const std::vector<std::string>& temporaries) {
  constexpr std::int64_t kDay = 24 * 60 * 60;
  remove_temporaries(directory, temporaries, std::time(nullptr) - kDay);
}

namespace {

// What is written holds its lock: see open_locked.
bool is_written(const Directory& directory, const NameArgument& name) {
  UniqueFd fd(::openat(directory.fd(), name.c_str(),
                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

}  // namespace

void remove_partials(const Directory& directory, const std::vector<std::string>& names) {
  struct stat before;  // filled by the kernel
  const bool known = ::fstat(directory.fd(), &before) == 0;
  bool removed = false;
  for (const auto& name : names) {
    NameArgument argument(name);
    if (!argument.valid() || is_written(directory, argument)) continue;
    if (::unlinkat(directory.fd(), argument.c_str(), 0) == 0) removed = true;
  }
  if (!known || !removed) return;
  const std::array<timespec, 2> times{before.st_atim, before.st_mtim};
  (void)::futimens(directory.fd(), times.data());  // not ours: its time may change then
}

}  // namespace nigh::files
