// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/broadcast.hpp"
#include "client/connection.hpp"
#include "client/request.hpp"
#include "service/session/client_session.hpp"

namespace nigh::client {

// One stream of one connection, between a ClientSession and the server. When it breaks another one
// takes its place.
class SessionCarrier final : public Exchange, private http2::BodySource {
 public:
  struct Hooks {
    std::function<void()> on_sent;
    std::function<bool()> more_input;   // gives the session more to send; false: there is none now
    std::function<bool()> may_receive;  // the reader keeps up
    std::function<bool()> may_end;      // our half, once the session is over
    std::function<void()> on_end;       // of our half: all that we have to say is with the line
    std::function<void()> on_change;    // something came, or ended
  };
  // `session` has no connection, and gets this one with send(). It and the hooks outlive the
  // carrier.
  SessionCarrier(std::shared_ptr<Connection> connection, session::ClientSession& session,
                 Hooks hooks);
  ~SessionCarrier() override;
  SessionCarrier(const SessionCarrier&) = delete;
  SessionCarrier& operator=(const SessionCarrier&) = delete;

  // Asks for the session, and returns when the server has answered; again after a refusal. Throws
  // what broke the stream.
  awaitable<Outcome> send(std::string path, http2::Fields proof);

  // The session has something to send.
  void resume();
  // Ends our half after what the session has to send now.
  void finish();
  // may_receive() again: takes what had to wait. Not from inside anything that is told of output.
  bool has_waiting() const { return !waiting_.empty(); }
  void receive();

  Connection& connection() { return *connection_; }
  bool accepted() const { return status_ == 200; }
  // The stream has ended; `broken` if not as it should.
  bool ended() const { return broken_ || (closed_ && waiting_.empty()); }
  const std::optional<Error>& broken() const { return broken_; }
  // The server sent what no server of ours sends.
  const std::optional<Error>& wrong() const { return wrong_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;

  Chunk read(std::span<char> into) override;
  std::size_t fill(std::span<char> into, bool& dry);
  std::size_t take_spill(std::span<char> into);
  void feed(std::string_view bytes);
  void leave();
  awaitable<void> wait_answered();

  std::shared_ptr<Connection> connection_;
  session::ClientSession& session_;
  Hooks hooks_;
  Broadcast answered_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  bool has_answer_ = false;  // 200, or all of another answer
  std::string refusal_;      // the body of an answer that is not 200
  std::string waiting_;      // for the reader: what came and the session has not seen
  std::size_t waiting_begin_ = 0;
  bool finishing_ = false;
  std::string spill_;  // of a frame for which there was no room
  bool server_done_ = false;
  bool closed_ = false;
  std::optional<Error> broken_;
  std::optional<Error> wrong_;
};

}  // namespace nigh::client
