// SPDX-License-Identifier: Apache-2.0
// How the bytes of a connection get to its server: over TCP, through jump hosts, or through a
// program (ssh_config's ProxyCommand). What travels is TLS from here to the server in any case:
// whoever is in between sees its ciphertext.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "client/broadcast.hpp"
#include "client/progress.hpp"
#include "client/resolve.hpp"
#include "io/runtime.hpp"

namespace nigh::client {

// Who carries bytes between a socket pair and the server learns from this that the connection at
// the other end is gone; what that has sent last may still be carried then, for a moment.
class Passenger {
 public:
  explicit Passenger(const asio::any_io_executor& executor) : changed_(executor) {}
  void leave() {
    gone_ = true;
    changed_.notify_all();
  }
  awaitable<void> until_forgotten();
  // Nothing is carried any more.
  void arrive() {
    arrived_ = true;
    changed_.notify_all();
  }
  awaitable<void> until_arrived();

 private:
  Broadcast changed_;
  bool gone_ = false;
  bool arrived_ = false;
};
// Calls leave() when it goes.
using Ticket = std::shared_ptr<void>;
Ticket ticket_for(std::shared_ptr<Passenger> passenger);

struct Way {
  tcp::socket socket;  // or one of another family in its clothes
  Ticket ticket;       // null: it is TCP of our own
};

class Connection;

// The ways of one event loop: who is about to end it has to let the last bytes arrive.
class LoopWays final : public asio::execution_context::service {
 public:
  using key_type = LoopWays;
  static asio::execution_context::id id;

  explicit LoopWays(asio::execution_context& loop) : service(loop) {}
  static LoopWays& of(const asio::any_io_executor& executor);

  void add(const std::shared_ptr<Passenger>& passenger, const Connection* over = nullptr);
  // Is it there to carry others?
  bool lead_over(const Connection& connection) const;
  // Waits for those whose connections end, for no more than three seconds.
  awaitable<void> until_arrived();

 private:
  void shutdown() override {}

  struct One {
    std::weak_ptr<Passenger> passenger;
    const Connection* over;  // to compare with
  };
  std::vector<One> ways_;
};

using Confirm = std::function<bool(const UnknownHostKey&)>;

// `confirm` is asked about jump hosts, for whose connections `limit` does not count. Throws what
// prevents it, and names the host or the program that is to blame.
awaitable<Way> open_way(Endpoint endpoint, Confirm confirm, Progress progress, io::Duration limit);

// Not over TCP of our own, so that there are no addresses to try.
inline bool is_indirect(const Endpoint& endpoint) {
  return endpoint.via || !endpoint.proxy_command.empty();
}
// "" or " through bastion:7722 and db:7722".
std::string describe_way(const Endpoint& endpoint);

// ---- the parts of it

awaitable<Way> jump(Endpoint endpoint, Confirm confirm, Progress progress, io::Duration limit);
awaitable<Way> run_proxy_command(Endpoint endpoint);

}  // namespace nigh::client
