// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "http2/session.hpp"
#include "io/runtime.hpp"
#include "io/tls_stream.hpp"

namespace nigh::io {

// Pumps one http2::Session over one TlsStream, or over a private socket without TLS, for either
// role. The owner is the session's Events; whatever it asks of the session goes through here, so
// that the writer learns of it.
class H2Connection {
 public:
  H2Connection(tcp::socket socket, const TlsContext& tls, http2::Role role,
               const http2::Limits& limits, http2::Events& events)
      : stream_(std::move(socket), tls),
        session_(role, limits, events),
        wake_(stream_.socket().get_executor()),
        role_(role) {}

  H2Connection(tcp::socket bare, http2::Role role, const http2::Limits& limits,
               http2::Events& events)
      : stream_(std::move(bare)),
        session_(role, limits, events),
        wake_(stream_.socket().get_executor()),
        role_(role) {}

  // TLS, and on the server the first SETTINGS with it.
  awaitable<void> handshake();

  // Returns when the session is finished (both sides agreed to end) or the peer has closed; throws
  // what broke the connection. The socket is closed then.
  awaitable<void> run();

  // How many bytes may arrive before lift_receive_limit(): the connection fails beyond.
  void limit_received(std::uint64_t bytes) { receive_limit_ = bytes; }
  void lift_receive_limit() { receive_limit_ = UINT64_MAX; }

  TlsStream& stream() { return stream_; }
  const http2::Session& session() const { return session_; }

  Result<http2::StreamId> submit_request(const http2::Fields& fields, http2::BodySource* body) {
    auto id = session_.submit_request(fields, body);
    wake_.notify();
    return id;
  }
  Result<void> submit_response(http2::StreamId id, const http2::Fields& fields,
                               http2::BodySource* body) {
    auto sent = session_.submit_response(id, fields, body);
    wake_.notify();
    return sent;
  }
  void resume(http2::StreamId id) { session_.resume(id), wake_.notify(); }
  void consume(http2::StreamId id, std::size_t n) { session_.consume(id, n), wake_.notify(); }
  void consume_connection(std::size_t n) { session_.consume_connection(n), wake_.notify(); }
  void consume_stream(http2::StreamId id, std::size_t n) {
    session_.consume_stream(id, n), wake_.notify();
  }
  void reset(http2::StreamId id, std::uint32_t code) { session_.reset(id, code), wake_.notify(); }
  void stop_reading(http2::StreamId id) { session_.stop_reading(id), wake_.notify(); }
  void raise_limits(const http2::Limits& raised) { session_.raise_limits(raised), wake_.notify(); }
  void ping(std::uint64_t opaque) { session_.ping(opaque), wake_.notify(); }
  void announce_shutdown() { session_.announce_shutdown(), wake_.notify(); }
  void go_away(std::uint32_t code) { session_.go_away(code), wake_.notify(); }
  void terminate(std::uint32_t code) { session_.terminate(code), wake_.notify(); }
  // Once the session is finished, run() does not close before the peer has ended, too. What the
  // peer still sends would else make the kernel send a reset, which can overtake our last frames.
  void linger() { lingers_ = true; }

 private:
  awaitable<void> read_loop();
  awaitable<void> write_loop();
  awaitable<void> send_pending();

  TlsStream stream_;
  http2::Session session_;
  Wake wake_;
  http2::Role role_;
  std::uint64_t receive_limit_ = UINT64_MAX;
  bool lingers_ = false;
};

}  // namespace nigh::io
