// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "io/readiness.hpp"
#include "server/link/link.hpp"
#include "wire/message.hpp"

namespace nigh::server {

// A Link in an event loop, with messages instead of bytes: sends a variant `Out`, receives a
// variant `In`. Both callbacks come from the loop; either may destroy the AsyncLink. on_closed is
// the last.
template <class In, class Out>
class AsyncLink {
 public:
  struct Events {
    std::function<void(In, std::vector<UniqueFd>)> on_message;
    // The other process is gone, or sent what nobody understands.
    std::function<void(const Error&)> on_closed;
  };

  AsyncLink(const asio::any_io_executor& executor, UniqueFd socket, Events events)
      : events_(std::move(events)),
        readable_(executor, duplicate(socket), io::Readiness::For::reading, [this] { receive(); }),
        writable_(executor, duplicate(socket), io::Readiness::For::writing, [this] { flush(); }),
        link_(std::move(socket)) {
    readable_.arm();
  }

  void send(const Out& message, std::vector<UniqueFd> descriptors = {}) {
    link_.send(wire::encode(message), std::move(descriptors));
    if (link_.pending()) writable_.arm();
  }
  std::size_t queued() const { return link_.queued(); }  // as Link's

 private:
  static UniqueFd duplicate(const UniqueFd& fd) {
    return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  }

  void flush() {
    if (link_.flush() && link_.pending()) writable_.arm();
  }

  void receive() {
    // One packet a turn: the callback may destroy us, and others want their turn too.
    auto packet = link_.receive();
    if (!packet) return closed(packet.error());
    if (!*packet) return readable_.arm();
    auto message = wire::decode<In>((*packet)->bytes);
    if (!message) return closed(message.error());
    readable_.arm();
    auto on_message = events_.on_message;  // outlives us if it has to
    on_message(*std::move(message), std::move((*packet)->descriptors));
  }

  void closed(const Error& error) {
    auto on_closed = events_.on_closed;
    on_closed(error);
  }

  Events events_;
  io::Readiness readable_;
  io::Readiness writable_;
  Link link_;
};

}  // namespace nigh::server
