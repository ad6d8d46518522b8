// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/tunnels.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/inward_listener.hpp"
#include "client/local_listener.hpp"
#include "client/tasks.hpp"
#include "client/tunnel_line.hpp"
#include "client/tunnel_stream.hpp"
#include "client/udp_listener.hpp"
#include "service/tunnel/forward_spec.hpp"

namespace nigh::client {

// Forwards of one host, all over one connection, until end(). What it begins holds a share of it.
class Forwarder : public std::enable_shared_from_this<Forwarder> {
 public:
  // `owner` keeps `connection` open.
  Forwarder(std::shared_ptr<Connection> connection, std::shared_ptr<const void> owner,
            ForwardEvents events);

  // Returns when all of them listen, or throws why one does not. `agent`: ours, too, is reached.
  awaitable<void> start(std::vector<tunnel::Forward> forwards, bool agent = false);
  // Nothing listens any more, and what is open is reset.
  void end();
  // Waits for end(), or throws why it cannot go on.
  awaitable<void> wait();

  const std::vector<Listening>& listening() const { return listening_; }

 private:
  using Self = std::shared_ptr<Forwarder>;
  struct Inward;
  struct Flows;
  struct Visit;

  static awaitable<void> keep_line(Self self);
  // One each: for a listener, and for a connection that it took.
  static awaitable<void> serve_here(Self self, tunnel::Forward forward, LocalListener listener);
  static awaitable<void> serve_udp(Self self, std::shared_ptr<Flows> flows, Listening by);
  static awaitable<void> carry_udp(Self self, std::shared_ptr<Flows> flows,
                                   UdpListener::Endpoint sender, Visit visit);
  static awaitable<void> serve_there(Self self, std::shared_ptr<Inward> inward);
  static awaitable<void> carry(Self self, tunnel::Address target, UniqueFd socket, Visit visit);
  static awaitable<void> carry_for_client(Self self, UniqueFd socket, Visit visit);
  static awaitable<void> serve_agent(Self self, std::shared_ptr<Connection> connection,
                                     InwardListener::Accepted who, std::string socket,
                                     std::string binding, Visit visit);
  static awaitable<void> fetch_accepted(Self self, std::shared_ptr<Connection> connection,
                                        InwardListener::Accepted who, tunnel::Address target,
                                        Visit visit);

  // A tunnel over the connection there is, or over the next.
  awaitable<std::unique_ptr<TunnelStream>> open(tunnel::Address target, bool udp = false);
  awaitable<void> start_here(tunnel::Forward forward);
  awaitable<void> start_udp(tunnel::Forward forward);
  awaitable<void> start_there(tunnel::Forward forward);
  awaitable<void> start_agent();
  awaitable<void> listen_again(Inward& inward);
  awaitable<void> pump(std::unique_ptr<TunnelStream> stream, UniqueFd socket, std::string first,
                       Visit& visit);
  void note_reset(std::string id);
  void tell_resets_again();
  static awaitable<void> tell_reset(Self self, std::string id);
  Visit visit(const Listening& by, std::string peer);
  void tell_failed(const Visit& visit, const std::exception_ptr& why);
  void fail(const Error& error);

  ForwardEvents events_;
  asio::any_io_executor executor_;
  TunnelLine line_;
  Tasks tasks_;
  Broadcast changed_;
  std::vector<Listening> listening_;
  std::uint64_t visits_ = 0;
  struct Reset {
    std::chrono::steady_clock::time_point when;
    std::string id;  // of the tunnel
  };
  std::deque<Reset> resets_;  // of late
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace nigh::client
