// SPDX-License-Identifier: Apache-2.0
#include "client/local_listener.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <memory>

#include "base/error.hpp"
#include "base/tcp_options.hpp"
#include "base/text.hpp"
#include "client/dial.hpp"
#include "io/localhost.hpp"
#include "io/lookup.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using tunnel::Address;

constexpr int kBacklog = 4096;
// Until somebody has closed a descriptor.
constexpr auto kOutOfDescriptors = 100ms;

[[noreturn]] void cannot_listen(const Address& where, int error_number) {
  auto place = printable(to_text(where));
  if (error_number == EADDRINUSE)
    throw Failure(
        Errc::unavailable,
        fmt::format("cannot listen on {}: it is in use; another program (or another nigh) "
                    "listens there",
                    place));
  auto error = errno_error(fmt::format("cannot listen on {}", place), error_number);
  if (error_number == EACCES || error_number == EPERM) error.code = Errc::refused;
  if (error_number == EADDRNOTAVAIL || error_number == ENOENT) error.code = Errc::not_found;
  throw Failure(std::move(error));
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Failure(Errc::usage, fmt::format("{} is too long for a socket", printable(path)));
  std::ranges::copy(path, static_cast<char*>(address.sun_path));
  return address;
}

UniqueFd new_socket(int family, int type = SOCK_STREAM) {
  return UniqueFd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

int connect_unix(int fd, const std::string& path) {
  auto address = unix_address(path);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                         : errno;
}

// A socket whose program has died stays as a file.
bool remove_dead_socket(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  auto probe = new_socket(AF_UNIX);
  return connect_unix(probe.get(), path) == ECONNREFUSED && ::unlink(path.c_str()) == 0;
}

UniqueFd listen_at_path(const Address& where) {
  auto socket = new_socket(AF_UNIX);
  if (!socket.valid()) cannot_listen(where, errno);
  auto address = unix_address(where.path);
  // The file gets it, less the umask: for this account only.
  (void)::fchmod(socket.get(), 0600);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  int bound = ::bind(socket.get(), name, sizeof address);
  if (bound != 0 && errno == EADDRINUSE && remove_dead_socket(where.path))
    bound = ::bind(socket.get(), name, sizeof address);
  if (bound != 0 || ::listen(socket.get(), kBacklog) != 0) cannot_listen(where, errno);
  return socket;
}

UniqueFd bind_to(const Address& where, const tcp::endpoint& endpoint, int type) {
  auto socket = new_socket(endpoint.protocol().family(), type);
  if (!socket.valid()) cannot_listen(where, errno);
  int on = 1;
  int off = 0;
  if (type == SOCK_STREAM)  // of UDP two programs would have the port
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (endpoint.protocol() == tcp::v6())  // "*" is IPv4, too
    (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, where.host == "*" ? &off : &on,
                       sizeof on);
  if (::bind(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
      (type == SOCK_STREAM && ::listen(socket.get(), kBacklog) != 0))
    cannot_listen(where, errno);
  return socket;
}

bool has_ipv6() { return new_socket(AF_INET6).valid(); }

awaitable<tcp::endpoint> endpoint_of(Address where) {
  if (where.host == "localhost")
    co_return tcp::endpoint(asio::ip::address_v4::loopback(), where.port);
  if (where.host == "*") co_return tcp::endpoint(has_ipv6() ? tcp::v6() : tcp::v4(), where.port);
  auto found = co_await io::look_up_host(where.host, where.port);
  co_return found.front();
}

UniqueFd connect_to_socket(const Address& target) {
  auto socket = new_socket(AF_UNIX);
  auto place = printable(target.path);
  int failed = connect_unix(socket.get(), target.path);
  if (failed == 0) return socket;
  auto error = errno_error(fmt::format("cannot connect to {}", place), failed);
  if (failed == ENOENT) error.code = Errc::not_found;
  if (failed == ECONNREFUSED || failed == EAGAIN) error.code = Errc::unavailable;
  if (failed == EACCES || failed == EPERM) error.code = Errc::refused;
  throw Failure(std::move(error));
}

}  // namespace

std::string text_of_peer(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return to_text(tunnel::HostPort{address.to_string(), endpoint.port()});
}

awaitable<Bound> bind_here(Address where, int type) {
  auto endpoint = co_await endpoint_of(where);
  auto socket = bind_to(where, endpoint, type);
  where.port = io::port_of(socket.get());
  co_return Bound{std::move(socket), std::move(where)};
}

struct LocalListener::Waiting {
  Waiting(const asio::any_io_executor& executor, std::vector<UniqueFd> sockets)
      : arrived(executor), pause(executor) {
    for (auto& socket : sockets)
      listeners.emplace_back(executor, std::move(socket), io::Readiness::For::reading,
                             [this] { arrived.notify_all(); });
  }
  Broadcast arrived;
  asio::steady_timer pause;
  std::deque<io::Readiness> listeners;
  std::size_t turn = 0;  // so that who comes at one of them does not keep the others waiting
};

LocalListener::LocalListener(const asio::any_io_executor& executor, std::vector<UniqueFd> sockets,
                             Address address)
    : address_(std::move(address)),
      waiting_(std::make_unique<Waiting>(executor, std::move(sockets))) {}

LocalListener::LocalListener(LocalListener&&) noexcept = default;

LocalListener::~LocalListener() {
  if (waiting_ && address_.is_socket()) (void)::unlink(address_.path.c_str());
}

awaitable<LocalListener> LocalListener::open(Address where) {
  auto executor = co_await asio::this_coro::executor;
  std::vector<UniqueFd> sockets;
  if (where.is_socket()) {
    sockets.push_back(listen_at_path(where));
  } else if (where.host == "localhost") {
    auto both = io::listen_at_localhost(where.port);
    if (!both) cannot_listen(where, both.error());
    sockets = *std::move(both);
    where.port = io::port_of(sockets.front().get());
  } else {
    auto bound = co_await bind_here(where, SOCK_STREAM);
    where.port = bound.address.port;
    sockets.push_back(std::move(bound.socket));
  }
  co_return LocalListener(executor, std::move(sockets), std::move(where));
}

// Or errno: EAGAIN, nobody waits; else descriptors are used up.
std::expected<LocalListener::Visitor, int> LocalListener::accept_at(int listener) {
  for (;;) {
    tcp::endpoint from;
    auto size = static_cast<socklen_t>(from.capacity());
    UniqueFd socket(::accept4(listener, address_.is_socket() ? nullptr : from.data(),
                              address_.is_socket() ? nullptr : &size,
                              SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.valid()) {
      if (address_.is_socket()) return Visitor{std::move(socket), ""};
      from.resize(size);
      tune_guest(socket.get());
      return Visitor{std::move(socket), text_of_peer(from)};
    }
    if (errno == EAGAIN || errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
        errno == ENOMEM)
      return std::unexpected(errno);
    // Else it was gone before it was accepted.
  }
}

awaitable<LocalListener::Visitor> LocalListener::accept() {
  auto& listeners = waiting_->listeners;
  for (;;) {
    bool exhausted = false;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      auto& listener = listeners[waiting_->turn++ % listeners.size()];
      auto visitor = accept_at(listener.fd());
      if (visitor) co_return *std::move(visitor);
      if (visitor.error() == EAGAIN)
        listener.arm();
      else
        exhausted = true;
    }
    if (exhausted) {
      waiting_->pause.expires_after(kOutOfDescriptors);
      co_await waiting_->pause.async_wait(asio::use_awaitable);
    } else {
      co_await waiting_->arrived.wait();
    }
  }
}

awaitable<UniqueFd> connect_from_here(Address target) {
  if (target.is_socket()) co_return connect_to_socket(target);
  auto endpoints = co_await io::look_up_host(target.host, target.port);
  auto raced = co_await io::race(std::move(endpoints), {});
  if (!raced) {
    auto reason = raced.error().front().reason;
    throw Failure(
        reason == asio::error::timed_out ? Errc::timeout : Errc::unavailable,
        fmt::format("cannot connect to {}: {}", printable(to_text(target)), reason.message()));
  }
  tune_guest(raced->native_handle());
  raced->non_blocking(true);
  co_return UniqueFd(raced->release());
}

}  // namespace nigh::client
