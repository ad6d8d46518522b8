// SPDX-License-Identifier: Apache-2.0
#include "client/udp_listener.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "client/local_listener.hpp"

namespace nigh::client {

awaitable<std::shared_ptr<UdpListener>> UdpListener::open(tunnel::Address where) {
  auto executor = co_await asio::this_coro::executor;
  auto bound = co_await bind_here(std::move(where), SOCK_DGRAM);
  co_return std::make_shared<UdpListener>(executor, std::move(bound.socket),
                                          std::move(bound.address));
}

UdpListener::UdpListener(const asio::any_io_executor& executor, UniqueFd socket,
                         tunnel::Address address)
    : executor_(executor),
      address_(std::move(address)),
      arrived_(executor),
      readiness_(executor, std::move(socket), io::Readiness::For::reading,
                 [this] { arrived_.notify_all(); }) {}

awaitable<UdpListener::Datagram> UdpListener::receive(std::span<char> into) {
  for (;;) {
    Endpoint from;
    auto size = static_cast<socklen_t>(from.capacity());
    auto n = ::recvfrom(readiness_.fd(), into.data(), into.size(), 0, from.data(), &size);
    if (n >= 0) {
      from.resize(size);
      co_return Datagram{from, static_cast<std::size_t>(n)};
    }
    if (errno != EAGAIN) continue;  // that somebody whom we answered is gone
    readiness_.arm();
    co_await arrived_.wait();
  }
}

void UdpListener::send(const Endpoint& to, std::string_view payload) {
  (void)::sendto(readiness_.fd(), payload.data(), payload.size(), 0, to.data(),
                 static_cast<socklen_t>(to.size()));
}

}  // namespace nigh::client
