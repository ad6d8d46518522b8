// SPDX-License-Identifier: Apache-2.0
#include "plain/listening.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "client/target.hpp"
#include "io/lookup.hpp"

namespace nigh::plain {
namespace {

constexpr int kBacklog = 128;
constexpr std::uint16_t kUnprivileged = 1024;
constexpr int kTries = 20;

Error explain(const tcp::endpoint& address, int error_number) {
  auto where = client::address_text(address.address().to_string(), address.port());
  if (error_number == EADDRINUSE)
    return {Errc::unavailable,
            fmt::format("cannot listen on {}: another program uses this port", where)};
  if (error_number == EADDRNOTAVAIL)
    return {Errc::usage,
            fmt::format("cannot listen on {}: this machine has no such address", where)};
  if (error_number == EACCES && address.port() < kUnprivileged)
    return {Errc::refused,
            fmt::format("cannot listen on {}: ports below {} are root's; take a higher one", where,
                        kUnprivileged)};
  return errno_error("cannot listen on " + where, error_number);
}

void set(int fd, int level, int option) {
  int on = 1;
  (void)::setsockopt(fd, level, option, &on, sizeof on);
}

// `*` as other programs write it.
awaitable<std::vector<tcp::endpoint>> addresses_of(std::string host, std::uint16_t port) {
  using asio::ip::address_v4, asio::ip::address_v6;
  if (host.empty())
    co_return std::vector<tcp::endpoint>{{address_v4::loopback(), port},
                                         {address_v6::loopback(), port}};
  if (host == "*")
    co_return std::vector<tcp::endpoint>{{address_v4::any(), port}, {address_v6::any(), port}};
  auto found = co_await io::look_up_host(std::move(host), port);
  std::ranges::sort(found);  // families in the same order, whatever the name service says
  auto [first, last] = std::ranges::unique(found);
  found.erase(first, last);
  co_return found;
}

}  // namespace

Listening::Listening(Listening&& other) noexcept
    : sockets_(std::move(other.sockets_)),
      port_(other.port_),
      path_(std::exchange(other.path_, std::string())) {}

Listening::~Listening() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void Listening::bind_to(const tcp::endpoint& address, int type) {
  UniqueFd fd(::socket(address.protocol().family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) throw Failure(explain(address, errno));
  if (type == SOCK_STREAM) set(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (address.address().is_v6()) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(fd.get(), address.data(), static_cast<socklen_t>(address.size())) != 0 ||
      (type == SOCK_STREAM && ::listen(fd.get(), kBacklog) != 0))
    throw Failure(explain(address, errno));
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  ::getsockname(fd.get(), bound.data(), &size);
  port_ = bound.port();
  sockets_.push_back(std::move(fd));
}

void Listening::bind_to_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Failure(Errc::usage, fmt::format("the path of a socket has {} characters at most",
                                           sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto what = fmt::format("cannot listen on {}", printable(path));
  if (!fd.valid()) throw Failure(errno_error(what, errno));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE)
      throw Failure(Errc::unavailable,
                    fmt::format("{}: it exists; remove it if no program uses it", what));
    throw Failure(errno_error(what, errno));
  }
  path_ = path;
  if (::listen(fd.get(), kBacklog) != 0) throw Failure(errno_error(what, errno));
  sockets_.push_back(std::move(fd));
}

void Listening::bind_to_all(const Options& options, std::vector<tcp::endpoint> addresses) {
  bool by_itself = options.host.empty() || options.host == "*";
  for (auto& address : addresses) {
    // Which port is free is known after the first.
    if (options.port == 0) address.port(port_);
    try {
      bind_to(address, options.kind == Options::Kind::udp ? SOCK_DGRAM : SOCK_STREAM);
    } catch (const Failure& failure) {
      // Nobody asked for this family by name, and a machine may have one of them alone.
      bool absent = failure.code() != Errc::unavailable && failure.code() != Errc::refused;
      if (!by_itself || !absent || (sockets_.empty() && &address == &addresses.back())) throw;
    }
  }
}

awaitable<Listening> Listening::open(Options options) {
  if (options.kind == Options::Kind::unix_stream) {
    Listening made;
    made.bind_to_path(options.path);
    co_return made;
  }
  auto addresses = co_await addresses_of(options.host, options.port);
  for (int tries = 0;; ++tries) {
    Listening made;
    try {
      made.bind_to_all(options, addresses);
      co_return made;
    } catch (const Failure& failure) {
      // What is free at one address may not be at the next.
      if (options.port != 0 || failure.code() != Errc::unavailable || tries == kTries) throw;
    }
  }
}

}  // namespace nigh::plain
