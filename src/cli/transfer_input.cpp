// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "base/error.hpp"

namespace nigh::cli {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kPiece = 1 << 20;
}

struct InputReader::Descriptor {
  asio::posix::stream_descriptor stream;
};

InputReader::InputReader() {
  // Larger pieces from a pipe; what refuses, is none or has its limit.
  (void)::fcntl(STDIN_FILENO, F_SETPIPE_SZ, static_cast<int>(kPiece));
}
InputReader::~InputReader() = default;

bool InputReader::is_readable() {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

// Regular files cannot be waited for, and need not be: they are always readable.
asio::awaitable<void> InputReader::wait() {
  if (is_readable()) co_return;
  if (!descriptor_)
    descriptor_ = std::make_unique<Descriptor>(
        asio::posix::stream_descriptor(co_await asio::this_coro::executor, ::dup(STDIN_FILENO)));
  co_await descriptor_->stream.async_wait(asio::posix::stream_descriptor::wait_read,
                                          asio::use_awaitable);
}

InputReader::Piece InputReader::take() {
  std::string bytes(kPiece, '\0');
  auto n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  if (n < 0) throw Failure(errno_error("cannot read standard input", errno));
  if (n == 0) ended_ = true;
  bytes.resize(static_cast<std::size_t>(n));
  return {std::exchange(offset_, offset_ + bytes.size()), std::move(bytes)};
}

asio::awaitable<InputReader::Piece> InputReader::next() {
  Piece piece;
  while (!ended_) {
    co_await wait();
    // Somebody else who waited may have been quicker.
    if (ended_ || !is_readable()) continue;
    piece = take();
    if (!piece.bytes.empty()) break;
  }
  co_return piece;
}

}  // namespace nigh::cli
