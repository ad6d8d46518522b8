// SPDX-License-Identifier: Apache-2.0
#include "io/h2_connection.hpp"

namespace nigh::io {
namespace {

using namespace std::chrono_literals;

// How long a connection that failed may take to tell the peer why.
constexpr auto kLastWords = 1s;

// Plaintext between produce() and encryption; used up before any wait, so a thread has one. Larger
// bursts cost the cache more, smaller ones the scheduler: of 64 KiB to 1 MiB this size measured
// best.
http2::OutBuffer& shared_out() {
  thread_local http2::OutBuffer buffer(512 * 1024);
  return buffer;
}

}  // namespace

awaitable<void> H2Connection::handshake() {
  if (role_ == http2::Role::client) co_return co_await stream_.handshake();
  // A buffer of its own: the handshake takes round trips.
  http2::OutBuffer early(4096);
  session_.produce(early);
  co_await stream_.handshake(early.view());
}

awaitable<void> H2Connection::send_pending() {
  auto& out = shared_out();
  while (session_.wants_write()) {
    out.clear();
    session_.produce(out);
    if (out.empty()) co_return;
    co_await stream_.send(out.view());
    // A reader that always keeps up must not starve the other connections of this thread.
    co_await asio::post(asio::use_awaitable);
  }
}

awaitable<void> H2Connection::write_loop() {
  while (!session_.finished()) {
    co_await send_pending();
    if (session_.finished()) break;
    co_await wake_.wait();
  }
  co_await stream_.flush();
  if (!lingers_) co_return;
  co_await stream_.end_sending();
  for (;;) co_await wake_.wait();
}

awaitable<void> H2Connection::read_loop() {
  auto use = [this](std::string_view bytes) {
    if (stream_.bytes_received() > receive_limit_)
      throw Failure(Errc::too_large, "the peer sent too much before it logged in");
    unwrap(session_.receive(bytes));
  };
  while (co_await stream_.receive(use))
    if (session_.wants_write() || session_.finished()) wake_.notify();
}

awaitable<void> H2Connection::run() {
  std::exception_ptr failure;
  try {
    co_await until_either(read_loop(), write_loop());
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    try {
      co_await with_timeout(send_pending(), kLastWords, "");
    } catch (const std::exception&) {
      // The first failure is the one to tell.
    }
  }
  stream_.close();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace nigh::io
