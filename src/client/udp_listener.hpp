// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "client/broadcast.hpp"
#include "io/readiness.hpp"
#include "service/tunnel/address.hpp"

namespace nigh::client {

// A UDP port of this machine.
class UdpListener {
 public:
  using Endpoint = tcp::endpoint;  // the same bytes
  // As LocalListener::open().
  static awaitable<std::shared_ptr<UdpListener>> open(tunnel::Address where);
  UdpListener(const asio::any_io_executor& executor, UniqueFd socket, tunnel::Address address);

  const asio::any_io_executor& executor() const { return executor_; }
  // With the port that it has.
  const tunnel::Address& address() const { return address_; }

  struct Datagram {
    Endpoint from;
    std::size_t size = 0;
  };
  awaitable<Datagram> receive(std::span<char> into);
  // What the network does not take is lost.
  void send(const Endpoint& to, std::string_view payload);

 private:
  asio::any_io_executor executor_;
  tunnel::Address address_;
  Broadcast arrived_;
  io::Readiness readiness_;
};

}  // namespace nigh::client
