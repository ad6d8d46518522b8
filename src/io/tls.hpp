// SPDX-License-Identifier: Apache-2.0
// TLS 1.3 without a socket: ciphertext in, plaintext out, and back. ALPN is "h2", always; no
// renegotiation, no compression, no session tickets, no early data from the client (a command must
// not be replayable). Who the peer is, is not decided here: see peer_chain() and exporter().
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace nigh::io {

// What all connections of one side share. Cheap to copy: copies name the same settings.
class TlsContext {
 public:
  static TlsContext client();
  // DER: PKCS#8 key, then certificates. Errc::malformed if they do not fit together.
  static Result<TlsContext> server(std::string_view leaf_key, std::string_view leaf,
                                   std::string_view issuer);

  // For sockets that are not nigh's (plain_tls.cpp): TLS 1.2 or 1.3, whatever is spoken in it, and
  // certificates as on the web. The server's peer is nobody in particular.
  // `authorities`: a PEM file; empty: those that this system trusts. See TlsEngine::expect_peer().
  static Result<TlsContext> plain_client(const std::string& authorities);
  // PEM files; no `key`: it is in the first.
  static Result<TlsContext> plain_server(const std::string& certificate, const std::string& key);

  ssl_ctx_st* native() const { return context_.get(); }
  bool is_server() const { return is_server_; }

 private:
  TlsContext(std::shared_ptr<ssl_ctx_st> context, bool is_server);
  std::shared_ptr<ssl_ctx_st> context_;
  bool is_server_;
};

// One connection. Bytes move through views that the caller owns, so that connections can share
// buffers: all of what feed() was given is used by read() until that says Progress::wants_input.
class TlsEngine {
 public:
  explicit TlsEngine(const TlsContext& context);
  ~TlsEngine();

  // Client of a plain_client() context, before the handshake: whom to ask for, and unless `check`
  // is off the handshake fails if somebody else answers.
  void expect_peer(const std::string& name, bool check);
  // Why such a handshake failed, if it was for the certificate; else "".
  std::string why_not_trusted() const;

  // Ciphertext from the peer; `bytes` must stay alive until read() or handshake() wants more.
  void feed(std::string_view bytes);
  // Copies what of it was not used yet, so that the caller's buffer may be reused.
  void keep_input();
  // Ciphertext for the peer, and how much of it has gone.
  std::string_view output() const;
  void drop_output(std::size_t count);

  enum class Progress { done, wants_input, ended };

  // Call with input until done. On the server `early` is sent together with the handshake's first
  // flight (RFC 8446, section 2: the server may send before the client is known), so that the
  // client has it a round trip sooner. Errc::refused with TLS's own reason.
  Result<Progress> handshake(std::string_view early = {});

  struct Read {
    Progress progress;
    std::size_t size = 0;  // when done
  };
  Result<Read> read(std::span<char> into);
  // Encrypts all of `plain` into output().
  Result<void> write(std::string_view plain);
  void close();  // appends close_notify to output()

  // After the handshake:
  std::vector<std::string> peer_chain() const;  // DER, leaf first
  std::string exporter(std::string_view label, std::string_view context, std::size_t size) const;
  std::string group() const;   // "X25519"
  std::string cipher() const;  // "TLS_AES_128_GCM_SHA256"
  std::string alpn() const;

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool early_done_ = false;
  Result<Progress> early_handshake(std::string_view early);
  Result<Progress> outcome(int result, std::string_view doing);
};

}  // namespace nigh::io
