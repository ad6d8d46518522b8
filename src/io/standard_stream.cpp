// SPDX-License-Identifier: Apache-2.0
#include "io/standard_stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace nigh::io {
namespace {

// Fewer, larger reads and writes: at 1 GB/s the usual 64 KiB are a switch of processes each 60 µs.
constexpr int kPipeCapacity = 1 << 20;

UniqueFd duplicate(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

// A description of our own, for what has no position that would be lost (as a file's would).
UniqueFd open_anew(int fd, const struct stat& status, StandardStream::For direction) {
  if (!S_ISFIFO(status.st_mode) && ::isatty(fd) == 0) return UniqueFd();
  int mode = direction == StandardStream::For::reading ? O_RDONLY : O_WRONLY;
  return UniqueFd(::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                         mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

}  // namespace

Result<StandardStream> StandardStream::open(int fd, For direction) {
  struct stat status{};
  StandardStream stream;
  if (::fstat(fd, &status) == 0) {
    if (S_ISFIFO(status.st_mode)) ::fcntl(fd, F_SETPIPE_SZ, kPipeCapacity);  // best effort
    stream.fd_ = open_anew(fd, status, direction);
    if (stream.fd_.valid()) return stream;
    stream.fd_ = duplicate(fd);
  }
  if (!stream.fd_.valid())
    return fail_errno(fmt::format("cannot use file descriptor {}", fd), errno);
  if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) return stream;
  stream.flags_ = ::fcntl(fd, F_GETFL);
  if ((stream.flags_ & O_NONBLOCK) == 0 && ::fcntl(fd, F_SETFL, stream.flags_ | O_NONBLOCK) == 0)
    stream.restore_ = duplicate(fd);
  return stream;
}

StandardStream::StandardStream(StandardStream&& other) noexcept = default;

StandardStream::~StandardStream() {
  if (restore_.valid()) ::fcntl(restore_.get(), F_SETFL, flags_);
}

}  // namespace nigh::io
