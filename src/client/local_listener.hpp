// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "client/broadcast.hpp"
#include "io/readiness.hpp"
#include "service/tunnel/address.hpp"

namespace nigh::client {

// A TCP port or unix socket of this machine at which connections are accepted. Of localhost it is
// the same port of both families, where the machine has both. The file of a unix socket goes with
// it; one that nobody listens at any more makes way for it.
class LocalListener {
 public:
  // Host "*": all addresses. Throws Errc::unavailable (in use), Errc::not_found (no such address or
  // folder), Errc::refused (not permitted).
  static awaitable<LocalListener> open(tunnel::Address where);
  LocalListener(LocalListener&&) noexcept;
  LocalListener& operator=(LocalListener&&) = delete;
  ~LocalListener();

  // With the port that it has.
  const tunnel::Address& address() const { return address_; }

  struct Visitor {
    UniqueFd socket;   // O_NONBLOCK
    std::string peer;  // "127.0.0.1:55012"; of a unix socket ""
  };
  // Waits also while this process has no descriptors left. One at a time.
  awaitable<Visitor> accept();

 private:
  LocalListener(const asio::any_io_executor& executor, std::vector<UniqueFd> sockets,
                tunnel::Address address);
  std::expected<Visitor, int> accept_at(int listener);

  tunnel::Address address_;
  struct Waiting;
  std::unique_ptr<Waiting> waiting_;  // null: moved from
};

// A socket of that type (SOCK_STREAM, which listens then, or SOCK_DGRAM), bound at a port of this
// machine; O_NONBLOCK. Of localhost it is 127.0.0.1. Throws as LocalListener::open().
struct Bound {
  UniqueFd socket;
  tunnel::Address address;  // with the port that it has
};
awaitable<Bound> bind_here(tunnel::Address where, int type);

// "127.0.0.1:55012"
std::string text_of_peer(const tcp::endpoint& endpoint);

// A connection to a place on this machine, or one that it reaches; O_NONBLOCK. Throws
// Errc::unavailable (nobody listens there), Errc::not_found, Errc::timeout, Errc::refused.
awaitable<UniqueFd> connect_from_here(tunnel::Address target);

}  // namespace nigh::client
