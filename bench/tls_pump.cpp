// SPDX-License-Identifier: Apache-2.0
// tls-pump: the yardstick for stream throughput. As little as possible around OpenSSL: blocking
// sockets, one thread, TLS 1.3 with AES-128-GCM, a certificate made at start that nobody checks.
// What nigh adds to this (HTTP/2, sessions, processes) has to fit into the rest of its budget.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace {

using namespace nigh;

constexpr int kChunk = 256 * 1024;
constexpr int kPipeSize = 1024 * 1024;

template <auto Free>
struct Deleter {
  void operator()(auto* p) const { Free(p); }
};
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Deleter<SSL_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

[[noreturn]] void throw_tls(const char* what) {
  throw Failure(Errc::system,
                fmt::format("{}: {}", what, ERR_error_string(ERR_peek_last_error(), nullptr)));
}

[[noreturn]] void throw_errno(const char* what) { throw Failure(errno_error(what, errno)); }

Certificate self_signed(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>("tls-pump");
  bool made = X509_set_version(certificate.get(), 2) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400) != nullptr &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
              X509_set_issuer_name(certificate.get(), name) == 1 &&
              X509_set_pubkey(certificate.get(), key) == 1 &&
              X509_sign(certificate.get(), key, EVP_sha256()) > 0;
  if (!made) throw_tls("cannot make a certificate");
  return certificate;
}

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256") != 1) {
    throw_tls("cannot set up TLS");
  }
  // One read() fetches as many records as the socket has, instead of two calls for each.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), kChunk);
  return context;
}

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    throw Failure(Errc::usage, fmt::format("'{}' is no IPv4 address", host));
  }
  return address;
}

UniqueFd make_socket() {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) throw_errno("cannot make a socket");
  return fd;
}

UniqueFd accept_one(const std::string& host, std::uint16_t port) {
  UniqueFd listener = make_socket();
  sockaddr_in address = address_of(host, port);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener.get(), generic, size) < 0) throw_errno("cannot bind the address");
  if (listen(listener.get(), 1) < 0) throw_errno("cannot listen");
  if (getsockname(listener.get(), generic, &size) < 0) throw_errno("cannot name the socket");
  fmt::print(stderr, "listening on {}:{}\n", host, ntohs(address.sin_port));
  UniqueFd fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd.valid()) throw_errno("cannot accept");
  return fd;
}

UniqueFd connect_to(const std::string& host, std::uint16_t port) {
  UniqueFd fd = make_socket();
  sockaddr_in address = address_of(host, port);
  int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) {
    throw_errno("cannot connect");
  }
  return fd;
}

void write_all(const char* data, std::size_t size) {
  while (size > 0) {
    ssize_t n = write(STDOUT_FILENO, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("cannot write to stdout");
    data += n;
    size -= static_cast<std::size_t>(n);
  }
}

Tls make_tls(SSL_CTX* context, int fd) {
  Tls tls(SSL_new(context));
  if (!tls || SSL_set_fd(tls.get(), fd) != 1) throw_tls("cannot set up TLS");
  return tls;
}

void send(const std::string& host, std::uint16_t port) {
  Context context = make_context(TLS_client_method());
  UniqueFd fd = connect_to(host, port);
  Tls tls = make_tls(context.get(), fd.get());
  if (SSL_connect(tls.get()) != 1) throw_tls("TLS handshake");
  fcntl(STDIN_FILENO, F_SETPIPE_SZ, kPipeSize);  // only a pipe has a size to set
  std::vector<char> buffer(kChunk);
  for (;;) {
    ssize_t n = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("cannot read stdin");
    if (n == 0) break;
    if (SSL_write(tls.get(), buffer.data(), static_cast<int>(n)) != n) throw_tls("cannot send");
  }
  if (SSL_shutdown(tls.get()) < 0) throw_tls("cannot end the connection");
  // The receiver closes when it has everything; only then is the transfer over.
  char rest;
  if (SSL_read(tls.get(), &rest, 1) > 0) throw Failure(Errc::malformed, "the receiver talks back");
}

void receive(const std::string& host, std::uint16_t port) {
  Context context = make_context(TLS_server_method());
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate = self_signed(key.get());
  if (SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    throw_tls("cannot use the certificate");
  }
  UniqueFd fd = accept_one(host, port);
  Tls tls = make_tls(context.get(), fd.get());
  if (SSL_accept(tls.get()) != 1) throw_tls("TLS handshake");
  fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipeSize);
  std::vector<char> buffer(kChunk);
  for (;;) {
    int n = SSL_read(tls.get(), buffer.data(), kChunk);
    if (n <= 0) {
      if (SSL_get_error(tls.get(), n) == SSL_ERROR_ZERO_RETURN) break;
      throw_tls("cannot receive");
    }
    write_all(buffer.data(), static_cast<std::size_t>(n));
  }
  SSL_shutdown(tls.get());
}

constexpr const char* kUsage =
    "usage: tls-pump receive [--host ADDRESS] [--port PORT]   TLS server: the network to stdout\n"
    "       tls-pump send [--host ADDRESS] --port PORT        TLS client: stdin to the network\n"
    "The receiver tells on stderr where it listens; it takes one connection.\n"
    "Example: tls-pump receive > /dev/null &  dd if=/dev/zero bs=1M count=4096 | tls-pump send "
    "--port PORT\n";

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 2; i + 1 < argc; i += 2) {
    std::string_view name = argv[i];
    std::string_view value = argv[i + 1];
    if (name == "--host") {
      options.host = value;
    } else if (name == "--port" &&
               std::from_chars(value.begin(), value.end(), options.port).ptr == value.end()) {
      continue;
    } else {
      throw Failure(Errc::usage, fmt::format("cannot use '{} {}'", name, value));
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  std::string_view mode = argc > 1 ? argv[1] : "";
  if ((mode != "send" && mode != "receive") || argc % 2 != 0) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  try {
    Options options = parse_options(argc, argv);
    mode == "send" ? send(options.host, options.port) : receive(options.host, options.port);
    return 0;
  } catch (const Failure& failure) {
    fmt::print(stderr, "tls-pump: {}\n", failure.what());
    return 1;
  }
}
