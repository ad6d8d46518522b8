// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/listen.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/tcp_options.hpp"
#include "base/text.hpp"

namespace nigh::server {
namespace {

struct HostPort {
  std::string host;
  std::string port;
};

Result<HostPort> split_address(const std::string& where) {
  const bool port_alone = !where.empty() && where.find_first_not_of("0123456789") == where.npos;
  auto full = port_alone ? "[::]:" + where : where;
  auto colon = full.rfind(':');
  HostPort parts{full.substr(0, colon), colon == full.npos ? "" : full.substr(colon + 1)};
  if (parts.host.starts_with('[') && parts.host.ends_with(']'))
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  else if (parts.host.find(':') != parts.host.npos)
    parts.port.clear();  // an IPv6 address without brackets
  const bool digits = parts.port.find_first_not_of("0123456789") == parts.port.npos;
  if (parts.host.empty() || parts.port.empty() || parts.port.size() > 5 || !digits ||
      std::stoi(parts.port) > 65535)
    return fail(Errc::usage,
                fmt::format("cannot listen on \"{}\": write ADDRESS:PORT, as in 127.0.0.1:7722 or "
                            "[::]:7722",
                            printable(where)));
  return parts;
}

std::string numeric(const sockaddr* address, socklen_t size, std::uint16_t* port) {
  char host[NI_MAXHOST], service[NI_MAXSERV];
  if (::getnameinfo(address, size, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  *port = static_cast<std::uint16_t>(std::stoi(service));
  std::string_view text(host);
  constexpr std::string_view kMapped = "::ffff:";
  if (text.starts_with(kMapped) && text.find('.') != text.npos) text.remove_prefix(kMapped.size());
  return std::string(text);
}

std::string local_name(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  std::uint16_t port = 0;
  auto host = numeric(reinterpret_cast<sockaddr*>(&address), size, &port);
  return fmt::format(fmt::runtime(host.find(':') != host.npos ? "[{}]:{}" : "{}:{}"), host, port);
}

Result<Listener> listen_at(const addrinfo& address, const std::string& where) {
  UniqueFd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int on = 1, off = 0;
  if (socket.valid()) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.ai_family == AF_INET6)
      ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (!socket.valid() || ::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0)
    return fail_errno(fmt::format("cannot listen on {}", where), errno);
  auto name = local_name(socket.get());
  return Listener{std::move(socket), std::move(name)};
}

Result<std::vector<Listener>> listen_by_name(const HostPort& parts, const std::string& where) {
  addrinfo hints{}, *raw = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const char* host = parts.host == "*" ? "::" : parts.host.c_str();
  if (int error = ::getaddrinfo(host, parts.port.c_str(), &hints, &raw); error != 0)
    return fail(Errc::not_found,
                fmt::format("cannot listen on {}: {}", where, ::gai_strerror(error)));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(raw, ::freeaddrinfo);
  std::vector<Listener> listeners;
  for (auto* address = addresses.get(); address != nullptr; address = address->ai_next) {
    auto listener = listen_at(*address, where);
    if (!listener) return std::unexpected(listener.error());
    listeners.push_back(*std::move(listener));
  }
  return listeners;
}

// Errors that concern the connection that was about to be accepted, not the listener (accept(2)).
bool concerns_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPERM:
    case ETIMEDOUT:
      return true;
    default:
      return error == EAGAIN || error == EWOULDBLOCK;
  }
}

}  // namespace

Result<std::vector<Listener>> listen_on(const std::string& where) {
  auto parts = split_address(where);
  if (!parts) return std::unexpected(parts.error());
  auto listeners = listen_by_name(*parts, where);
  const bool any = parts->host == "::" || parts->host == "*";
  if (!listeners && any && !UniqueFd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)).valid())
    return listen_by_name({"0.0.0.0", parts->port}, where);
  return listeners;
}

Result<std::optional<Guest>> accept_from(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Guest guest;
  guest.socket = UniqueFd(::accept4(listener.socket.get(), reinterpret_cast<sockaddr*>(&address),
                                    &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!guest.socket.valid()) {
    if (concerns_one_connection(errno)) return std::nullopt;
    return fail_errno("cannot accept a connection", errno);
  }
  tune_tcp(guest.socket.get());
  guest.source = numeric(reinterpret_cast<sockaddr*>(&address), size, &guest.port);
  return guest;
}

}  // namespace nigh::server
