// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

#include "io/asio.hpp"

namespace nigh::io::for_test {

// Two ends of a TCP connection over the loopback interface.
inline std::pair<tcp::socket, tcp::socket> connected_pair(asio::io_context& context) {
  tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  tcp::socket a(context);
  a.connect(acceptor.local_endpoint());
  auto b = acceptor.accept();
  return {std::move(a), std::move(b)};
}

// Two ends of a unix socket.
inline std::pair<tcp::socket, tcp::socket> private_pair(asio::io_context& context) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::runtime_error("no socket pair");
  return {tcp::socket(context, tcp::v4(), ends[0]), tcp::socket(context, tcp::v4(), ends[1])};
}

// Runs the loop until `done()`. Throws if nothing is left that could bring that about.
template <class Condition>
void run_until(asio::io_context& context, Condition done) {
  while (!done()) {
    context.restart();
    if (context.run_one() == 0) throw std::runtime_error("nothing more will happen");
  }
}

}  // namespace nigh::io::for_test
