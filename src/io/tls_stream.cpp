// SPDX-License-Identifier: Apache-2.0
#include "io/tls_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "io/runtime.hpp"

namespace nigh::io {
namespace {

constexpr std::size_t kCipherSize = 256 * 1024;
constexpr std::size_t kPlainSize = 256 * 1024;
constexpr std::size_t kFirstBytes = 16;

// One pair a thread. Safe to share: what is in them is used up before the coroutine waits again.
struct SharedBuffers {
  std::unique_ptr<char[]> cipher = std::make_unique_for_overwrite<char[]>(kCipherSize);
  std::unique_ptr<char[]> plain = std::make_unique_for_overwrite<char[]>(kPlainSize);
};
SharedBuffers& shared_buffers() {
  thread_local SharedBuffers buffers;
  return buffers;
}

}  // namespace

std::string_view TlsStream::receive_some() {
  auto* into = shared_buffers().cipher.get();
  for (;;) {
    auto n = ::recv(socket_.native_handle(), into, kCipherSize, MSG_DONTWAIT);
    if (n > 0) {
      std::string_view got(into, static_cast<std::size_t>(n));
      bytes_received_ += got.size();
      if (first_bytes_.size() < kFirstBytes)
        first_bytes_ += got.substr(0, kFirstBytes - first_bytes_.size());
      return got;
    }
    if (n == 0) throw Failure(Errc::closed, "the peer closed the connection");
    if (errno == EAGAIN) return {};
    if (errno != EINTR) throw Failure(errno_error("the connection broke", errno));
  }
}

awaitable<void> TlsStream::wait_readable() {
  co_await socket_.async_wait(tcp::socket::wait_read, asio::use_awaitable);
}

awaitable<void> TlsStream::handshake(std::string_view early) {
  if (is_bare()) co_return co_await send_bare(early);
  for (;;) {
    auto progress = engine_->handshake(early);
    if (!progress) {
      co_await flush();  // the alert that tells the peer why
      throw Failure(std::move(progress).error());
    }
    if (*progress == TlsEngine::Progress::done) break;
    co_await flush();
    auto got = receive_some();
    while (got.empty()) {
      co_await wait_readable();
      got = receive_some();
    }
    engine_->feed(got);
  }
  // More may have come with the last flight; the buffer it lies in is shared.
  engine_->keep_input();
}

void TlsStream::decrypt(const std::function<void(std::string_view)>& use) {
  auto* plain = shared_buffers().plain.get();
  for (;;) {
    // Several records make one piece: fewer, longer frames and writes further up.
    std::size_t filled = 0;
    auto progress = TlsEngine::Progress::done;
    while (progress == TlsEngine::Progress::done && kPlainSize - filled >= 16 * 1024) {
      auto read = unwrap(engine_->read({plain + filled, kPlainSize - filled}));
      progress = read.progress;
      filled += read.size;
    }
    if (filled > 0) use({plain, filled});
    if (progress == TlsEngine::Progress::ended) ended_ = true;
    if (progress != TlsEngine::Progress::done) return;
  }
}

awaitable<bool> TlsStream::receive(const std::function<void(std::string_view)>& use) {
  if (ended_) co_return false;
  // What came with the last handshake flight is still in the engine.
  if (!is_bare()) decrypt(use);
  if (ended_) co_return false;
  co_await wait_readable();
  std::string_view got;
  try {
    got = receive_some();
  } catch (const Failure& failure) {
    if (failure.code() != Errc::closed) throw;
    ended_ = true;
    co_return false;
  }
  if (got.empty()) co_return true;
  if (is_bare()) {
    use(got);
    co_return true;
  }
  engine_->feed(got);
  decrypt(use);
  co_return !ended_;
}

awaitable<void> TlsStream::flush() {
  if (is_bare()) co_return;
  for (auto out = engine_->output(); !out.empty(); out = engine_->output()) {
    auto n = ::send(socket_.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0)
      engine_->drop_output(static_cast<std::size_t>(n));
    else if (errno == EAGAIN)
      co_await socket_.async_wait(tcp::socket::wait_write, asio::use_awaitable);
    else if (errno != EINTR)
      throw Failure(errno_error("the connection broke", errno));
  }
}

awaitable<void> TlsStream::send_bare(std::string_view bytes) {
  std::string rest;  // what is given to us lies in a buffer that others use while we wait
  while (!bytes.empty()) {
    auto n =
        ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (rest.empty()) bytes = rest = bytes;
      co_await socket_.async_wait(tcp::socket::wait_write, asio::use_awaitable);
    } else if (errno != EINTR) {
      throw Failure(errno_error("the connection broke", errno));
    }
  }
}

awaitable<void> TlsStream::send(std::string_view plain) {
  if (is_bare()) co_return co_await send_bare(plain);
  unwrap(engine_->write(plain));
  co_await flush();
}

awaitable<void> TlsStream::end_sending() {
  if (!is_bare()) {
    engine_->close();
    co_await flush();
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

void TlsStream::close() {
  if (!socket_.is_open()) return;
  if (!is_bare()) {
    engine_->close();
    auto out = engine_->output();
    (void)::send(socket_.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace nigh::io
