// SPDX-License-Identifier: Apache-2.0
// For tests: a server's TlsContext with a key and certificate of its own, and two engines joined
// by strings.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>
#include <string>

#include "io/tls.hpp"

namespace nigh::io::for_test {

struct Certificate {
  std::string key;  // DER
  std::string certificate;
};

inline Certificate make_certificate() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  X509* x509 = X509_new();
  X509_set_version(x509, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(x509), -60);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key);
  expect(X509_sign(x509, key, nullptr) > 0, "cannot sign a certificate for a test");
  unsigned char *key_der = nullptr, *der = nullptr;
  auto key_size = static_cast<std::size_t>(i2d_PrivateKey(key, &key_der));
  auto size = static_cast<std::size_t>(i2d_X509(x509, &der));
  Certificate made{{reinterpret_cast<char*>(key_der), key_size},
                   {reinterpret_cast<char*>(der), size}};
  OPENSSL_free(key_der);
  OPENSSL_free(der);
  X509_free(x509);
  EVP_PKEY_free(key);
  return made;
}

inline const Certificate& certificate() {
  static const auto made = make_certificate();
  return made;
}
inline TlsContext server_context() {
  return unwrap(
      TlsContext::server(certificate().key, certificate().certificate, certificate().certificate));
}

// One end, which the test drives by hand.
struct End {
  explicit End(const TlsContext& context) : engine(context) {}

  // Gives it `bytes`, `piece` at a time; stops at a failure.
  void receive(std::string_view bytes, std::size_t piece = SIZE_MAX) {
    while (!bytes.empty() && !failure) {
      fed = std::string(bytes.substr(0, piece));  // a copy of its own: ASan sees its ends
      bytes.remove_prefix(fed.size());
      engine.feed(fed);
      work();
    }
  }
  // The handshake, then all that can be read.
  void work() {
    if (!connected) {
      auto progress = engine.handshake(early);
      if (!progress) return void(failure = progress.error());
      if (*progress != TlsEngine::Progress::done) return;
      connected = true;
    }
    for (char chunk[5000];;) {
      auto read = engine.read(chunk);
      if (!read) return void(failure = read.error());
      ended = read->progress == TlsEngine::Progress::ended;
      if (read->progress != TlsEngine::Progress::done) return;
      plain.append(chunk, read->size);
    }
  }
  std::string take_output(std::size_t most = SIZE_MAX) {
    std::string out(engine.output().substr(0, most));
    engine.drop_output(out.size());
    return out;
  }

  TlsEngine engine;
  std::string early;  // server: sent with its first flight
  std::string plain;  // received
  bool connected = false, ended = false;
  std::optional<Error> failure;
  std::string fed;
};

struct TlsPair {
  explicit TlsPair(const TlsContext& of_client = TlsContext::client(),
                   const TlsContext& of_server = server_context())
      : client(of_client), server(of_server) {}
  // Until neither has anything to send.
  void shake(std::size_t piece = SIZE_MAX) {
    client.work();
    while (!client.engine.output().empty() || !server.engine.output().empty()) {
      server.receive(client.take_output(), piece);
      client.receive(server.take_output(), piece);
      if (server.failure) server.take_output();
      if (client.failure) client.take_output();
    }
  }
  End client, server;
};

}  // namespace nigh::io::for_test
