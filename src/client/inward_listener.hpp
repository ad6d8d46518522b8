// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "client/broadcast.hpp"
#include "client/connection.hpp"
#include "client/request.hpp"
#include "service/tunnel/address.hpp"

namespace nigh::client {

// A port or unix socket at which the server listens for us, as long as this object lives and the
// connection is there. What it accepts is fetched with tunnel_accepted().
class InwardListener final : public Exchange, private http2::BodySource {
 public:
  explicit InwardListener(std::shared_ptr<Connection> connection);
  ~InwardListener() override;
  InwardListener(const InwardListener&) = delete;
  InwardListener& operator=(const InwardListener&) = delete;

  // Returns when the server listens. Throws Errc::unavailable (in use), Errc::refused.
  awaitable<void> open(tunnel::Address where);
  // With the port that it has.
  const tunnel::Address& address() const { return address_; }

  struct Accepted {
    std::string id;
    std::string peer;  // printable
  };
  // Throws why there will be no more.
  awaitable<Accepted> next();

  int status() const { return status_; }  // of the answer; 0: there was none
  const std::shared_ptr<Connection>& connection() const { return connection_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failed(const Error& error) override;
  Chunk read(std::span<char> into) override;

  awaitable<Outcome> send(http2::Fields proof);
  void on_line(std::string_view line);
  void fail(Error error);
  bool is_open() const { return status_ / 100 == 2; }

  std::shared_ptr<Connection> connection_;
  Broadcast changed_;
  tunnel::Address where_;
  std::string request_;
  std::size_t request_sent_ = 0;
  http2::StreamId id_ = 0;
  int status_ = 0;
  bool done_ = false;
  std::string bytes_;  // of a line, or of the document of another status than 2xx
  tunnel::Address address_;
  bool listening_ = false;
  std::deque<Accepted> accepted_;
  std::optional<Error> failure_;
};

}  // namespace nigh::client
