// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.hpp"

namespace nigh {
namespace {

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot write " + path, errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

Result<Secret> read_private_file(const std::string& path, std::size_t limit) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
    return fail_errno("cannot read " + path, errno);
  if (!S_ISREG(status.st_mode)) return fail(Errc::refused, path + " is not a file");
  if ((status.st_mode & 077) != 0)
    return fail(Errc::refused, fmt::format("{} can be read by others: chmod 600 {}", path, path));
  if (static_cast<std::size_t>(status.st_size) > limit)
    return fail(Errc::too_large, path + " is too large to be what it should be");
  // All the room at once: a string that grows would leave copies behind.
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  auto n = ::read(fd.get(), text.data(), text.size());
  if (n < 0) return fail_errno("cannot read " + path, errno);
  text.resize(static_cast<std::size_t>(n));
  return Secret(std::move(text));
}

Result<void> write_new_private_file(const std::string& path, std::string_view text) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return fail_errno("cannot make " + path, errno);
  if (auto written = write_all(fd.get(), text, path); !written) {
    ::unlink(path.c_str());  // half a key is no key
    return written;
  }
  if (::fsync(fd.get()) != 0) return fail_errno("cannot write " + path, errno);
  return {};
}

Result<void> make_private_directory(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1))
    ::mkdir(path.substr(0, slash).c_str(), 0700);  // as XDG wants it, and others of ours need it
  ::mkdir(path.c_str(), 0700);
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return fail_errno("cannot make " + path, errno);
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::getuid() || (status.st_mode & 077) != 0)
    return fail(Errc::refused,
                path + " must be a directory of yours that only you can use: chmod 700 " + path);
  return {};
}

}  // namespace nigh
