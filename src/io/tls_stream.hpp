// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "io/asio.hpp"
#include "io/tls.hpp"

namespace nigh::io {

// TLS over a connected TCP socket, or the bare bytes of a socket that is private to one account's
// processes (of another family, in a tcp::socket's clothes). One coroutine may receive while
// another sends. Holds no buffer while it waits: plaintext and ciphertext pass through buffers that
// all connections of the thread share, and are used up before the next wait.
class TlsStream {
 public:
  TlsStream(tcp::socket socket, const TlsContext& context)
      : socket_(std::move(socket)), engine_(std::in_place, context) {
    socket_.non_blocking(true);
  }
  // Without TLS: engine() must not be used.
  explicit TlsStream(tcp::socket socket) : socket_(std::move(socket)) {
    socket_.non_blocking(true);
  }

  // Server: `early` goes out with the first flight. Client: the last flight stays in the buffer
  // and goes out with the first send(). Fails with Errc::refused (what TLS said), Errc::closed
  // (the peer went away) or Errc::malformed (it does not speak TLS; see first_bytes()).
  awaitable<void> handshake(std::string_view early = {});

  // Waits for plaintext and gives each piece to `use`, which must be done with it when it returns.
  // False: the peer closed, cleanly or not; every byte that TLS could vouch for has been given.
  awaitable<bool> receive(const std::function<void(std::string_view)>& use);

  awaitable<void> send(std::string_view plain);
  awaitable<void> flush();
  // Nothing more will be sent; the peer's half goes on.
  awaitable<void> end_sending();
  // Sends close_notify as far as that goes without waiting, and closes.
  void close();

  TlsEngine& engine() { return *engine_; }
  bool is_bare() const { return !engine_; }
  tcp::socket& socket() { return socket_; }
  // The first bytes that the peer sent, at most 16: to tell what else it speaks.
  std::string_view first_bytes() const { return first_bytes_; }
  // Ciphertext received so far: for limits before authentication.
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  // Non-blocking; empty: nothing there now. Throws Errc::closed at the end.
  std::string_view receive_some();
  awaitable<void> wait_readable();
  awaitable<void> send_bare(std::string_view bytes);
  void decrypt(const std::function<void(std::string_view)>& use);

  tcp::socket socket_;
  std::optional<TlsEngine> engine_;
  std::string first_bytes_;
  std::uint64_t bytes_received_ = 0;
  bool ended_ = false;
};

}  // namespace nigh::io
