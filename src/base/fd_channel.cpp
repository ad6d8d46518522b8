// SPDX-License-Identifier: Apache-2.0
#include "base/fd_channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.hpp"

namespace nigh {
namespace {

void make_nonblocking(int fd) {
  int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
    throw Failure(errno_error("cannot use a pipe", errno));
}

}  // namespace

FdChannel::FdChannel(UniqueFd in, UniqueFd out)
    : in_(std::move(in)), out_(std::move(out)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_.valid()) throw Failure(errno_error("cannot make an eventfd", errno));
  make_nonblocking(in_.get());
  make_nonblocking(out_.get());
}

void FdChannel::check() const {
  if (cancelled_) throw Failure(Errc::cancelled, "cancelled");
}

void FdChannel::wait(int fd, short events) const {
  pollfd both[] = {{fd, events, 0}, {wake_.get(), POLLIN, 0}};
  if (::poll(both, 2, -1) < 0 && errno != EINTR)
    throw Failure(errno_error("cannot wait for a pipe", errno));
}

// Whoever is gone altogether, and not only done with sending, does not read either.
bool FdChannel::reader_is_gone() const {
  pollfd out{out_.get(), 0, 0};  // -1, after finish(): poll(2) leaves it out
  return ::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

std::size_t FdChannel::read(std::span<char> into) {
  for (;;) {
    auto n = ::read(in_.get(), into.data(), into.size());
    if (n == 0 && !into.empty() && reader_is_gone())
      throw Failure(Errc::closed, "the other side has gone");
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EAGAIN) {
      check();  // only now: what has come is not lost
      wait(in_.get(), POLLIN);
    } else if (errno == ECONNRESET)
      throw Failure(Errc::closed, "the other side has gone");
    else if (errno != EINTR) {
      throw Failure(errno_error("cannot read from a pipe", errno));
    }
  }
}

void FdChannel::write(std::string_view bytes) {
  expect(out_.valid(), "FdChannel: write() after finish()");
  while (!bytes.empty()) {
    check();
    auto n = ::write(out_.get(), bytes.data(), bytes.size());
    if (n >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
    else if (errno == EAGAIN)
      wait(out_.get(), POLLOUT);
    else if (errno == EPIPE || errno == ECONNRESET)
      throw Failure(Errc::closed, "the other side has gone");
    else if (errno != EINTR)
      throw Failure(errno_error("cannot write to a pipe", errno));
  }
}

void FdChannel::finish() {
  check();
  out_.reset();
}

void FdChannel::cancel() {
  cancelled_ = true;
  std::uint64_t one = 1;
  // Only a counter that is full refuses, and then it is readable.
  (void)!::write(wake_.get(), &one, sizeof one);
}

}  // namespace nigh
