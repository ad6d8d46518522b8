// SPDX-License-Identifier: Apache-2.0
#include "io/localhost.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace nigh::io {
namespace {

using Sockets = std::expected<std::vector<UniqueFd>, int>;

// The port that is free at one address may be taken at the other.
constexpr int kTries = 20;

// This machine has no such family, or no such address.
bool is_absent(int error_number) {
  return error_number == EADDRNOTAVAIL || error_number == EAFNOSUPPORT ||
         error_number == EPROTONOSUPPORT;
}

Sockets listen_at_both(std::uint16_t port, const ListenAt& at) {
  std::vector<UniqueFd> sockets;
  int absent = 0;
  for (const asio::ip::address& address : {asio::ip::address(asio::ip::address_v4::loopback()),
                                           asio::ip::address(asio::ip::address_v6::loopback())}) {
    auto socket = at({address, port});
    if (!socket && !is_absent(socket.error())) return std::unexpected(socket.error());
    if (!socket) {
      absent = socket.error();
      continue;
    }
    if (port == 0) port = port_of(socket->get());
    sockets.push_back(*std::move(socket));
  }
  if (sockets.empty()) return std::unexpected(absent);
  return sockets;
}

}  // namespace

std::expected<UniqueFd, int> listen_at(const tcp::endpoint& where) {
  UniqueFd socket(
      ::socket(where.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return std::unexpected(errno);
  const int on = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.protocol() == tcp::v6())
    (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.get(), where.data(), static_cast<socklen_t>(where.size())) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0)
    return std::unexpected(errno);
  return socket;
}

Sockets listen_at_localhost(std::uint16_t port, const ListenAt& at) {
  for (int attempt = 1;; ++attempt) {
    auto sockets = listen_at_both(port, at);
    const bool other_may_do = port == 0 && !sockets && sockets.error() == EADDRINUSE;
    if (!other_may_do || attempt == kTries) return sockets;
  }
}

std::uint16_t port_of(int fd) {
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (::getsockname(fd, bound.data(), &size) != 0) return 0;
  bound.resize(size);
  return bound.port();
}

}  // namespace nigh::io
