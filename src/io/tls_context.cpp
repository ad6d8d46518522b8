// SPDX-License-Identifier: Apache-2.0
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "io/tls.hpp"

namespace nigh::io {
namespace {

// AES-128 first: on machines with AES instructions it is the fastest, and its strength is not the
// weakest link of any connection that starts with X25519.
constexpr auto kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// "?" would skip unknown names, but only from OpenSSL 3.3 on: so two lists.
constexpr auto kGroupsPostQuantum = "X25519MLKEM768:X25519:P-256";
constexpr auto kGroups = "X25519:P-256";
constexpr unsigned char kAlpn[] = {2, 'h', '2'};

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size,
                const unsigned char* offered, unsigned int offered_size, void*) {
  auto found = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, kAlpn,
                                     sizeof kAlpn, offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> made(SSL_CTX_new(method), SSL_CTX_free);
  expect(made != nullptr, "SSL_CTX_new");
  auto* context = made.get();
  bool ok = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
            SSL_CTX_set_ciphersuites(context, kCipherSuites) == 1 &&
            (SSL_CTX_set1_groups_list(context, kGroupsPostQuantum) == 1 ||
             SSL_CTX_set1_groups_list(context, kGroups) == 1);
  expect(ok, "TLS settings that this OpenSSL does not know");
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // RELEASE_BUFFERS: an idle connection keeps no record buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return made;
}

template <class T, T* parse(T**, const unsigned char**, long), void free(T*)>
std::unique_ptr<T, void (*)(T*)> from_der(std::string_view der) {
  auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return {parse(nullptr, &bytes, static_cast<long>(der.size())), free};
}

}  // namespace

TlsContext::TlsContext(std::shared_ptr<ssl_ctx_st> context, bool is_server)
    : context_(std::move(context)), is_server_(is_server) {}

TlsContext TlsContext::client() {
  auto context = make_context(TLS_client_method());
  // The chain is judged after the handshake and before anything is sent, by the SSH rules
  // (ssh::verify_host_chain and known_hosts); TLS itself proves possession of the leaf's key.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  expect(SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof kAlpn) == 0, "ALPN");
  return {std::move(context), false};
}

Result<TlsContext> TlsContext::server(std::string_view leaf_key, std::string_view leaf,
                                      std::string_view issuer) {
  auto context = make_context(TLS_server_method());
  auto key = from_der<EVP_PKEY, d2i_AutoPrivateKey, EVP_PKEY_free>(leaf_key);
  auto leaf_certificate = from_der<X509, d2i_X509, X509_free>(leaf);
  auto issuer_certificate = from_der<X509, d2i_X509, X509_free>(issuer);
  if (!key || !leaf_certificate || !issuer_certificate ||
      SSL_CTX_use_certificate(context.get(), leaf_certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_add1_chain_cert(context.get(), issuer_certificate.get()) != 1)
    return fail(Errc::malformed, "the server's certificate and key do not fit together");
  SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, nullptr);
  return TlsContext(std::move(context), true);
}

}  // namespace nigh::io
