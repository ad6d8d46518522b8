// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/unique_fd.hpp"
#include "io/asio.hpp"
#include "service/tunnel/proxy_server.hpp"

namespace nigh::client {

// What is said with the client of a proxy before and after its tunnel comes about. Lives where the
// coroutine that uses it lives.
class ProxyTalk {
 public:
  // `socket` is O_NONBLOCK.
  ProxyTalk(const asio::any_io_executor& executor, UniqueFd socket);

  // Where the client wants to go. Throws Errc::malformed (it was told), Errc::closed,
  // Errc::timeout.
  awaitable<tunnel::HostPort> target();
  // Then take() and rest() are the tunnel's.
  awaitable<void> grant();
  // Says why not, and hangs up.
  awaitable<void> refuse(tunnel::Refusal why);

  UniqueFd take() { return UniqueFd(socket_.release()); }
  std::string rest() { return server_.take_rest(); }

 private:
  awaitable<tunnel::HostPort> listen();
  awaitable<void> say(std::string text);
  awaitable<void> hang_up();
  awaitable<void> until_gone();

  asio::posix::stream_descriptor socket_;
  tunnel::ProxyServer server_;
};

}  // namespace nigh::client
