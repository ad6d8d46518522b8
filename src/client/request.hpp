// SPDX-License-Identifier: Apache-2.0
// Plain requests, and the proof of who we are that the first one of a connection carries.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "client/connection.hpp"

namespace nigh::client {

// What a server may say in an answer that is kept in memory.
inline constexpr std::size_t kMaxAnswer = 64 * 1024;

// Collects one answer. Lives where the coroutine that waits for it lives.
class Answer : public Exchange {
 public:
  // `limit`: of its body.
  explicit Answer(Connection& connection, std::size_t limit = kMaxAnswer)
      : connection_(connection), limit_(limit), changed_(connection.executor()) {}
  ~Answer() override { connection_.abandon(id_); }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  void open(const http2::Fields& fields, http2::BodySource* body) {
    id_ = connection_.open(fields, body, *this);
  }
  awaitable<void> wait();  // for all of it; throws what broke it

  int status() const { return status_; }
  const http2::Fields& headers() const { return headers_; }
  const std::string& body() const { return body_; }

  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failed(const Error& error) override;

 private:
  Connection& connection_;
  std::size_t limit_;
  Broadcast changed_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  http2::Fields headers_;
  std::string body_;
  bool done_ = false;
  std::optional<Error> failure_;
};

// The value of ":status"; 0 if it is no number.
int status_of(const http2::Fields& fields);

struct Outcome {
  int status = 0;
  std::string body;  // of an answer that is not 2xx
};
// What a request that logs in says of a connection that somebody carries.
void tell_way(const Connection& connection, http2::Fields& login);
// Calls `send` with the header fields to add, again and again while the server refuses one key
// after the other. Returns once the status is 2xx, else throws what the problem document says.
awaitable<void> send_with_proof(Connection& connection,
                                std::function<awaitable<Outcome>(const http2::Fields& proof)> send);

// A plain request, made as the one who we are.
struct Request {
  std::string method = "GET";
  std::string protocol;   // of CONNECT
  std::string path;       // with its query
  http2::Fields headers;  // of its own, in lower case; content-length is not needed
  std::string body;
  std::size_t limit = kMaxAnswer;  // of the answer's body; Errc::too_large beyond
  // For all of it; otherwise the connection's. What works through a tree takes as long as it takes:
  // Duration::max() is no limit.
  std::optional<io::Duration> time_limit;
};

struct Reply {
  int status = 0;  // 2xx
  http2::Fields headers;
  std::string body;
};

// As they go to the server, but for the proof.
http2::Fields request_fields(const Connection& connection, const Request& what);

// Throws what broke it, Errc::timeout, and for a status that is not 2xx what the problem document
// says.
awaitable<Reply> request(Connection& connection, Request what);

// One request and its answer's body, within the connection's time limit; a body is JSON.
awaitable<std::string> fetch(Connection& connection, std::string method, std::string path,
                             std::string body = "");

}  // namespace nigh::client
