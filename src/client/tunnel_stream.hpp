// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/broadcast.hpp"
#include "client/connection.hpp"
#include "client/request.hpp"
#include "service/tunnel/address.hpp"
#include "service/tunnel/proxy_dialect.hpp"

namespace nigh::client {

// Who is at our end of a tunnel.
class TunnelPeer {
 public:
  virtual ~TunnelPeer() = default;
  // What came through it, owed back through TunnelEnd::consume().
  virtual void take(std::string_view bytes) = 0;
  virtual void take_end() = 0;
  // What goes into it: as http2::BodySource::read(). Next::wait until TunnelEnd::resume().
  virtual http2::BodySource::Chunk give(std::span<char> into) = 0;
  // Both halves have ended, or the stream broke: see failure(). Nothing else is called any more.
  virtual void over() = 0;
};

// Our end of a tunnel, as who reads and writes there sees it.
class TunnelEnd {
 public:
  virtual ~TunnelEnd() = default;
  virtual asio::any_io_executor executor() const = 0;
  // `peer` outlives the tunnel, or is replaced by nullptr.
  virtual void attach(TunnelPeer* peer) = 0;
  virtual void resume() = 0;
  virtual void consume(std::size_t count) = 0;
  // The other end gets a reset, and the peer is not called any more.
  virtual void reset() = 0;
  virtual bool over() const = 0;
  virtual const std::optional<Error>& failure() const = 0;
  virtual std::uint64_t received() const = 0;
  virtual std::uint64_t sent() const = 0;
};

// Where a tunnel leads: the request's own header fields, and words for people.
struct TunnelRequest {
  http2::Fields fields;
  std::string name;  // "db:5432"
};
TunnelRequest tunnel_to(const Connection& connection, const tunnel::Address& target);
TunnelRequest tunnel_to_udp(const Connection& connection, const tunnel::HostPort& target);
// To who was accepted by a listener of the server.
TunnelRequest tunnel_accepted(const Connection& connection, const std::string& id);
// To what TunnelStream::id() names, and of which so much was received.
TunnelRequest tunnel_again(const Connection& connection, const std::string& id,
                           std::uint64_t received);
// The tunnel survives its connection, if the server can do that (client/resumable_tunnel.hpp).
TunnelRequest resumable(TunnelRequest request);

// A tunnel that did not come about.
class TunnelRefused : public Failure {
 public:
  TunnelRefused(Error error, tunnel::Refusal why) : Failure(std::move(error)), why_(why) {}
  tunnel::Refusal why() const { return why_; }

 private:
  tunnel::Refusal why_;
};

// One CONNECT: bytes in both directions, each half ends for itself, and either end may reset it.
class TunnelStream final : public TunnelEnd, public Exchange, private http2::BodySource {
 public:
  explicit TunnelStream(std::shared_ptr<Connection> connection);
  ~TunnelStream() override;  // a reset, unless it is over
  TunnelStream(const TunnelStream&) = delete;
  TunnelStream& operator=(const TunnelStream&) = delete;

  // Returns when the other end is there. Throws TunnelRefused, or what broke the connection.
  awaitable<void> open(TunnelRequest what);
  // Once it is open.
  void attach(TunnelPeer* peer) override;
  void resume() override {
    if (!over()) connection_->resume(id_);
  }
  void consume(std::size_t count) override;
  void reset() override;

  int status() const { return status_; }  // of the answer; 0: there was none
  // Of the answer: the name of a resumable tunnel, and what its other end has received. Empty:
  // none.
  const std::string& id() const { return tunnel_id_; }
  const std::string& received_there() const { return received_there_; }
  // It broke with its connection: nobody has reset it.
  bool lost() const { return lost_; }
  bool over() const override { return closed_ || failure_; }
  const std::optional<Error>& failure() const override { return failure_; }
  asio::any_io_executor executor() const override { return connection_->executor(); }
  std::uint64_t received() const override { return received_; }
  std::uint64_t sent() const override { return sent_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;
  void on_reset(std::uint32_t code, const Error& error) override;
  Chunk read(std::span<char> into) override;

  awaitable<Outcome> send(http2::Fields proof);
  TunnelRefused refused(Error error) const;
  bool is_open() const { return status_ / 100 == 2; }
  void fail(Error error);

  std::shared_ptr<Connection> connection_;
  TunnelRequest what_;
  TunnelPeer* peer_ = nullptr;
  Broadcast changed_;  // until it is open
  http2::StreamId id_ = 0;
  int status_ = 0;
  std::string tunnel_id_, received_there_;
  std::string early_;      // before there is a peer; or the document of another status than 2xx
  bool ended_ = false;     // the other half
  bool sent_all_ = false;  // ours
  bool closed_ = false;
  bool lost_ = false;
  std::optional<Error> failure_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace nigh::client
