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

// A port or unix socket at which the server listens for us, or a name under which it lets others
// reach us, as long as this object lives and the connection is there. What it accepts is fetched
// with tunnel_accepted().
class InwardListener final : public Exchange, private http2::BodySource {
 public:
  explicit InwardListener(std::shared_ptr<Connection> connection);
  ~InwardListener() override;
  InwardListener(const InwardListener&) = delete;
  InwardListener& operator=(const InwardListener&) = delete;

  // Returns when the server listens. Throws Errc::unavailable (in use), Errc::refused.
  awaitable<void> open(tunnel::Address where);
  // The same of a name. Errc::unavailable also if it belongs to another key.
  awaitable<void> publish(std::string name);
  // A socket for programs on the host that look for an ssh-agent. `folder`: the one of its listener
  // over another connection, so that its path stays.
  awaitable<void> open_for_agent(std::string folder = "");
  // Of that.
  const std::string& folder() const { return folder_; }
  // What the agent is to be told about the host, for AgentFilter; empty: nothing can be.
  const std::string& agent_binding() const { return agent_binding_; }
  // With the port that it has.
  const tunnel::Address& address() const { return address_; }

  struct Accepted {
    std::string id;
    std::string peer;  // printable
  };
  // Throws why there will be no more.
  awaitable<Accepted> next();

  // The name that was published is reached over a newer connection of the same key.
  bool superseded() const { return superseded_; }
  int status() const { return status_; }  // of the answer; 0: there was none
  const std::shared_ptr<Connection>& connection() const { return connection_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failed(const Error& error) override;
  Chunk read(std::span<char> into) override;

  awaitable<void> begin(std::string refusal);
  awaitable<Outcome> send(http2::Fields proof);
  void on_line(std::string_view line);
  void fail(Error error);
  bool is_open() const { return status_ / 100 == 2; }

  std::shared_ptr<Connection> connection_;
  Broadcast changed_;
  std::string request_;
  std::size_t request_sent_ = 0;
  http2::StreamId id_ = 0;
  int status_ = 0;
  bool done_ = false;
  std::string bytes_;  // of a line, or of the document of another status than 2xx
  tunnel::Address address_;
  std::string folder_;
  std::string agent_binding_;
  bool listening_ = false;
  bool superseded_ = false;
  std::deque<Accepted> accepted_;
  std::optional<Error> failure_;
};

}  // namespace nigh::client
