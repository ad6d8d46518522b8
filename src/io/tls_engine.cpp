// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>

#include "io/tls.hpp"

namespace nigh::io {

// Both directions of the ciphertext, as OpenSSL's BIO sees them.
struct TlsEngine::Buffers {
  std::string_view in;
  std::string kept;  // what `in` points into after keep_input()
  std::string out;
  std::size_t out_begin = 0;
};

namespace {

std::string& spare_output() {
  thread_local std::string spare;
  return spare;
}

// A BIO over TlsEngine::Buffers instead of a memory BIO: input is read where it lies, and output
// of many records gathers so that it can leave with one system call.
template <class Buffers>
BIO_METHOD* bio_method() {
  static BIO_METHOD* method = [] {
    auto* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "nigh buffers");
    BIO_meth_set_read_ex(made, [](BIO* bio, char* into, std::size_t size, std::size_t* got) {
      auto* buffers = static_cast<Buffers*>(BIO_get_data(bio));
      BIO_clear_retry_flags(bio);
      *got = std::min(size, buffers->in.size());
      if (*got == 0) {
        BIO_set_retry_read(bio);
        return 0;
      }
      std::memcpy(into, buffers->in.data(), *got);
      buffers->in.remove_prefix(*got);
      return 1;
    });
    BIO_meth_set_write_ex(made, [](BIO* bio, const char* from, std::size_t size, std::size_t* put) {
      auto* buffers = static_cast<Buffers*>(BIO_get_data(bio));
      BIO_clear_retry_flags(bio);
      // A burst's buffer goes from connection to connection: an idle one has none, and a busy one
      // does not pay for fresh pages with every burst.
      if (buffers->out.capacity() < size && spare_output().capacity() >= size)
        buffers->out.swap(spare_output());
      buffers->out.append(from, size);
      *put = size;
      return 1;
    });
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) {
      return static_cast<long>(command == BIO_CTRL_FLUSH);
    });
    return made;
  }();
  return method;
}

// The reason OpenSSL queued first, in its own words: "no application protocol".
std::string queued_reason() {
  auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "unexpected end of the connection";
}

constexpr std::size_t kKeepOutput = 4 * 1024;

}  // namespace

TlsEngine::TlsEngine(const TlsContext& context)
    : buffers_(std::make_unique<Buffers>()), ssl_(SSL_new(context.native()), SSL_free) {
  expect(ssl_ != nullptr, "SSL_new");
  BIO* bio = BIO_new(bio_method<Buffers>());
  expect(bio != nullptr, "BIO_new");
  BIO_set_data(bio, buffers_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (context.is_server())
    SSL_set_accept_state(ssl_.get());
  else
    SSL_set_connect_state(ssl_.get());
}

TlsEngine::~TlsEngine() = default;

void TlsEngine::feed(std::string_view bytes) {
  expect(buffers_->in.empty(), "TlsEngine: fed before the last input was used");
  buffers_->kept = std::string();  // not held while idle
  buffers_->in = bytes;
}

void TlsEngine::keep_input() {
  buffers_->kept = std::string(buffers_->in);
  buffers_->in = buffers_->kept;
}

std::string_view TlsEngine::output() const {
  return std::string_view(buffers_->out).substr(buffers_->out_begin);
}

void TlsEngine::drop_output(std::size_t count) {
  auto& b = *buffers_;
  b.out_begin += count;
  if (b.out_begin < b.out.size()) return;
  b.out_begin = 0;
  b.out.clear();
  if (b.out.capacity() <= kKeepOutput) return;
  if (spare_output().capacity() < b.out.capacity()) b.out.swap(spare_output());
  std::string().swap(b.out);
}

Result<TlsEngine::Progress> TlsEngine::outcome(int result, std::string_view doing) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Progress::done;
    case SSL_ERROR_WANT_READ:
      return Progress::wants_input;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::ended;
    default:
      return fail(Errc::refused, fmt::format("{}: {}", doing, queued_reason()));
  }
}

Result<TlsEngine::Progress> TlsEngine::handshake(std::string_view early) {
  ERR_clear_error();
  if (!early.empty() && !early_done_) {
    auto sent = early_handshake(early);
    if (!sent || *sent != Progress::done) return sent;
  }
  return outcome(SSL_do_handshake(ssl_.get()), "TLS handshake");
}

// OpenSSL lets a server write before the client's Finished only through its early-data calls.
// Reading early data is the first of them; none is ever accepted, as max_early_data is 0.
Result<TlsEngine::Progress> TlsEngine::early_handshake(std::string_view early) {
  char none[1];
  std::size_t size = 0;
  auto state = SSL_read_early_data(ssl_.get(), none, sizeof none, &size);
  if (state == SSL_READ_EARLY_DATA_ERROR) return outcome(0, "TLS handshake");
  if (state == SSL_READ_EARLY_DATA_SUCCESS)
    return fail(Errc::refused, "TLS handshake: early data is not accepted");
  if (SSL_write_early_data(ssl_.get(), early.data(), early.size(), &size) != 1)
    return outcome(0, "TLS handshake");
  expect(size == early.size(), "TLS wrote part of the early bytes");
  early_done_ = true;
  return Progress::done;
}

Result<TlsEngine::Read> TlsEngine::read(std::span<char> into) {
  ERR_clear_error();
  std::size_t size = 0;
  int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
  if (result == 1) return Read{Progress::done, size};
  auto progress = outcome(result, "TLS");
  if (!progress) return std::unexpected(progress.error());
  return Read{*progress};
}

Result<void> TlsEngine::write(std::string_view plain) {
  ERR_clear_error();
  while (!plain.empty()) {
    std::size_t size = 0;
    int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &size);
    if (result != 1) {
      auto progress = outcome(result, "TLS");
      if (!progress) return std::unexpected(progress.error());
      return fail(Errc::closed, "TLS: cannot send");
    }
    plain.remove_prefix(size);
  }
  return {};
}

void TlsEngine::close() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
}

std::vector<std::string> TlsEngine::peer_chain() const {
  std::vector<std::string> chain;
  auto* certificates = SSL_get_peer_cert_chain(ssl_.get());  // leaf first, on the client
  for (int i = 0; certificates != nullptr && i < sk_X509_num(certificates); ++i) {
    unsigned char* der = nullptr;
    int size = i2d_X509(sk_X509_value(certificates, i), &der);
    if (size < 0) return {};
    chain.emplace_back(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  return chain;
}

std::string TlsEngine::exporter(std::string_view label, std::string_view context,
                                std::size_t size) const {
  std::string out(size, '\0');
  int ok = SSL_export_keying_material(
      ssl_.get(), reinterpret_cast<unsigned char*>(out.data()), size, label.data(), label.size(),
      reinterpret_cast<const unsigned char*>(context.data()), context.size(), 1);
  expect(ok == 1, "TLS exporter before the handshake");
  return out;
}

std::string TlsEngine::group() const {
  const char* name =
      SSL_group_to_name(ssl_.get(), static_cast<int>(SSL_get_negotiated_group(ssl_.get())));
  return name != nullptr ? name : "";
}

std::string TlsEngine::cipher() const { return SSL_get_cipher_name(ssl_.get()); }

std::string TlsEngine::alpn() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace nigh::io
