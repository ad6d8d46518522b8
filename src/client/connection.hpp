// SPDX-License-Identifier: Apache-2.0
// A connection to one server: TLS, whose host key has been checked, HTTP/2 on it, and who we are.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/tcp_state.hpp"
#include "client/authenticator.hpp"
#include "client/broadcast.hpp"
#include "client/host_check.hpp"
#include "client/progress.hpp"
#include "client/resolve.hpp"
#include "client/way.hpp"
#include "http2/session.hpp"
#include "io/h2_connection.hpp"

namespace nigh::client {

// What happens to one stream. on_failed() or on_closed() is the last call.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void on_headers(const http2::Fields& fields) = 0;
  // The bytes are owed back through Connection::consume().
  virtual void on_data(std::string_view bytes) = 0;
  virtual void on_end() = 0;   // of what the server sends
  virtual void on_closed() {}  // after on_end(), and all of ours is sent
  virtual void on_failed(const Error& error) = 0;
  // The server reset the stream; in the place of on_failed().
  virtual void on_reset(std::uint32_t /*code*/, const Error& error) { on_failed(error); }
};

// What the process that keeps a connection tells those that use it about it.
struct KeptFacts {
  ServerInfo info;
  std::optional<tcp::endpoint> peer;
};

class Connection final : private http2::Events {
 public:
  // `way` leads to endpoint.address().
  Connection(Way way, Endpoint endpoint, Progress progress);
  // `bare` leads to a process of this account, which keeps a connection that has its handshake, the
  // check of the host key and the proof of who we are behind it.
  Connection(tcp::socket bare, Endpoint endpoint, Progress progress, KeptFacts facts);

  // First TLS, then the host key (a person's time to answer `confirm` has no limit). Both throw
  // what is wrong with the peer.
  awaitable<void> handshake(io::Duration limit);
  HostCheck check_host_key(const std::function<bool(const UnknownHostKey&)>& confirm);

  // Carries the streams until the connection ends, and tells all of them how it did. Never fails.
  static awaitable<void> pump(std::shared_ptr<Connection> self);
  // Ends the connection, politely as far as that goes quickly.
  void close();
  // The same, and it is over when the server has heard it. See client/leaving.hpp.
  void leave();
  // The server would keep something of ours for a while, if the connection ended without a word.
  bool keeps() const;
  void now_keeps() { keeps_ = true; }

  // Nobody is there any more, it seems: what goes over it fails now, and not when the kernel sees
  // it. The server is told nothing: a GOAWAY would end what may go on over another connection.
  void give_up(const Error& why);

  // Waits until the server has said what it can do, which it does at once.
  awaitable<void> ready();
  // Throws Errc::closed when the connection is over or ending.
  http2::StreamId open(const http2::Fields& fields, http2::BodySource* body, Exchange& exchange);
  // `exchange` and the body go away; the server is told if the stream was not over.
  void abandon(http2::StreamId id, std::uint32_t code = http2::kCancel);
  void consume(http2::StreamId id, std::size_t count);
  // The two parts of it, for who has a bound of his own on what all streams pile up.
  void consume_connection(std::size_t count);
  void consume_stream(http2::StreamId id, std::size_t count);
  void resume(http2::StreamId id) { h2_.resume(id); }

  // ---- is it alive?
  void ping();  // the answer shows in last_heard()
  using Time = std::chrono::steady_clock::time_point;
  Time last_heard() const { return last_heard_; }        // anything
  Time last_happened() const { return last_happened_; }  // more than the answer to a ping
  TcpState tcp() { return tcp_state(h2_.stream().socket().native_handle()); }
  // Over, or the server takes no further requests on it.
  bool ending() const { return failure_ || going_away_; }
  awaitable<void> until_ending();
  awaitable<void> until_over();
  bool is_kept() const { return kept_.has_value(); }
  // How it ended; nullopt: it has not.
  const std::optional<Error>& failure() const { return failure_; }

  Authenticator& authenticator() { return *authenticator_; }
  const Endpoint& endpoint() const { return endpoint_; }
  const Progress& progress() const { return progress_; }
  const std::string& peer_address() const { return peer_address_; }
  const std::optional<tcp::endpoint>& peer() const { return peer_; }
  const std::string& host_fingerprint() const { return host_fingerprint_; }
  asio::any_io_executor executor() { return h2_.stream().socket().get_executor(); }
  // The members of ServerInfo that are the connection's, as far as they are known; the others are
  // empty.
  ServerInfo describe();

 private:
  void on_headers(http2::StreamId id, http2::Fields fields, bool end_of_stream) override;
  void on_data(http2::StreamId id, std::string_view bytes) override;
  void on_end(http2::StreamId id) override;
  void on_close(http2::StreamId id, std::uint32_t error_code) override;
  void on_settings() override;
  void on_pong(std::uint64_t opaque) override;
  void on_goaway(http2::StreamId last_accepted, std::uint32_t error_code) override;
  void happened();

  awaitable<void> tls_handshake();
  void start_authentication();
  awaitable<void> wait_for_close();
  struct Stream {
    Exchange* exchange;
    bool ended = false;
  };
  static void finish(Stream stream, const Error& error);
  std::string how_it_closed() const;
  void fail_all(const Error& error);

  Endpoint endpoint_;
  Progress progress_;
  io::H2Connection h2_;
  Broadcast changed_;
  std::optional<Authenticator> authenticator_;
  std::map<http2::StreamId, Stream> streams_;
  std::optional<tcp::endpoint> peer_;
  std::string peer_address_;
  Time last_heard_ = std::chrono::steady_clock::now();
  Time last_happened_ = last_heard_;
  std::string host_fingerprint_;
  std::optional<Error> failure_;  // set: the connection is over
  std::optional<KeptFacts> kept_;
  bool has_settings_ = false;
  bool going_away_ = false;
  bool closing_ = false;
  bool keeps_ = false;  // there were tunnels that survive it
  Ticket ticket_;
};

}  // namespace nigh::client
