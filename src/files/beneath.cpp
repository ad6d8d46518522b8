// SPDX-License-Identifier: Apache-2.0
#include "files/beneath.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "files/name_argument.hpp"

namespace nigh::files {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
constexpr int kSearchOnly = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr int kRaces = 16;  // how often a rename elsewhere may make the kernel unsure (EAGAIN)

UniqueFd openat2(int at, const std::string& relative, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (int i = 0;; ++i) {
    auto fd = ::syscall(SYS_openat2, at, relative.c_str(), &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN || i == kRaces) return UniqueFd(static_cast<int>(fd));
  }
}

// O_PATH asks for no right to the directory itself; "." in it does.
UniqueFd if_searchable(UniqueFd fd) {
  if (fd.valid() && ::faccessat(fd.get(), ".", F_OK, 0) != 0) return {};
  return fd;
}

// The kernel resolves less than PATH_MAX bytes at a time: cut at the last slash that fits.
std::size_t piece_of(std::string_view relative) {
  if (relative.size() < PATH_MAX) return relative.size();
  return relative.rfind('/', PATH_MAX - 1);  // a component has 255 bytes at most
}

bool is_plain(std::string_view relative) {
  while (true) {
    auto slash = relative.find('/');
    if (!NameArgument(relative.substr(0, slash)).valid()) return false;
    if (slash == relative.npos) return true;
    relative.remove_prefix(slash + 1);
  }
}

UniqueFd refuse_path() {
  errno = EXDEV;
  return {};
}

}  // namespace

UniqueFd open_directory(int at, const char* name, int follow) {
  UniqueFd fd(::openat(at, name, kDirectory | follow));
  if (fd.valid() || errno != EACCES) return fd;
  return if_searchable(UniqueFd(::openat(at, name, kSearchOnly | follow)));
}

UniqueFd open_by_steps(int at, std::string_view relative) {
  if (!is_plain(relative)) return refuse_path();
  UniqueFd fd;
  while (true) {
    auto slash = relative.find('/');
    NameArgument name(relative.substr(0, slash));
    fd = open_directory(fd.valid() ? fd.get() : at, name.c_str(), O_NOFOLLOW);
    if (!fd.valid() || slash == relative.npos) return fd;
    relative.remove_prefix(slash + 1);
  }
}

UniqueFd open_beneath(int at, std::string_view relative) {
  if (!is_plain(relative)) return refuse_path();
  UniqueFd fd;
  while (!relative.empty()) {
    auto length = piece_of(relative);
    std::string piece(relative.substr(0, length));
    int from = fd.valid() ? fd.get() : at;
    auto next = openat2(from, piece, kDirectory | O_NOFOLLOW);
    if (!next.valid() && errno == EACCES)
      next = if_searchable(openat2(from, piece, kSearchOnly | O_NOFOLLOW));
    // EPERM: a sandbox that does not know the call says so.
    if (!next.valid() && (errno == ENOSYS || errno == EPERM)) next = open_by_steps(from, piece);
    if (!next.valid()) return next;
    fd = std::move(next);
    relative.remove_prefix(std::min(length + 1, relative.size()));
  }
  return fd;
}

}  // namespace nigh::files
