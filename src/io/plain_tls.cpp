// SPDX-License-Identifier: Apache-2.0
// TLS as programs in general speak it, for plain sockets.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.hpp"
#include "io/tls.hpp"

namespace nigh::io {
namespace {

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> made(SSL_CTX_new(method), SSL_CTX_free);
  expect(made != nullptr, "SSL_CTX_new");
  auto* context = made.get();
  expect(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "TLS 1.2");
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return made;
}

std::unexpected<Error> cannot_use(std::string_view what, const std::string& file) {
  auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return fail(Errc::usage, fmt::format("cannot use the {} in {}: {}", what, printable(file),
                                       reason != nullptr ? reason : "it cannot be read"));
}

}  // namespace

Result<TlsContext> TlsContext::plain_client(const std::string& authorities) {
  auto context = make_context(TLS_client_method());
  ERR_clear_error();
  if (authorities.empty())
    SSL_CTX_set_default_verify_paths(context.get());
  else if (SSL_CTX_load_verify_file(context.get(), authorities.c_str()) != 1)
    return cannot_use("authorities", authorities);
  return TlsContext(std::move(context), false);
}

Result<TlsContext> TlsContext::plain_server(const std::string& certificate,
                                            const std::string& key) {
  auto context = make_context(TLS_server_method());
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
    return cannot_use("certificate", certificate);
  const auto& key_file = key.empty() ? certificate : key;
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1)
    return cannot_use("key", key_file);
  return TlsContext(std::move(context), true);
}

void TlsEngine::expect_peer(const std::string& name, bool check) {
  auto* parameters = SSL_get0_param(ssl_.get());
  // Names are asked for, addresses are not (RFC 6066, section 3).
  bool is_address = X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1;
  ERR_clear_error();
  if (!is_address) {
    SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    expect(SSL_set1_host(ssl_.get(), name.c_str()) == 1, "a host name for TLS");
  }
  SSL_set_verify(ssl_.get(), check ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
}

std::string TlsEngine::why_not_trusted() const {
  auto code = SSL_get_verify_result(ssl_.get());
  return code == X509_V_OK ? "" : X509_verify_cert_error_string(code);
}

}  // namespace nigh::io
