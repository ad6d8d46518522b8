// SPDX-License-Identifier: Apache-2.0
// For tests: one server Connection and a client that talks to it, over TLS and the loopback
// interface, in one event loop. The test plays the keeper and, with `worker`, the worker.
#pragma once

#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/loopback_for_test.hpp"
#include "server/front/connection.hpp"
#include "server/front/kept_tunnels.hpp"
#include "server/link/link.hpp"
#include "ssh/host_chain.hpp"
#include "wire/message.hpp"

namespace nigh::server::for_test {

struct Answer {
  http2::Fields headers;
  std::string body;
  bool ended = false;
  std::optional<std::uint32_t> closed;

  std::string field(std::string_view name) const {
    const auto* value = http2::find(headers, name);
    return value != nullptr ? *value : "";
  }
};

// A request body: given at once, or in pieces by add() until finish().
class Body : public http2::BodySource {
 public:
  explicit Body(std::string text = {}, bool whole = true) : text_(std::move(text)), whole_(whole) {}
  void add(std::string_view text) { text_ += text; }
  void finish() { whole_ = true; }
  std::size_t sent() const { return sent_; }
  Chunk read(std::span<char> into) override {
    auto size = std::min(into.size(), text_.size() - sent_);
    std::copy_n(text_.data() + sent_, size, into.data());
    sent_ += size;
    if (sent_ < text_.size()) return {size, Next::more};
    return {size, whole_ ? Next::end : Next::wait};
  }

 private:
  std::string text_;
  bool whole_;
  std::size_t sent_ = 0;
};

inline http2::Fields request(std::string method, std::string path, http2::Fields more = {}) {
  http2::Fields fields{{":method", std::move(method)},
                       {":scheme", "https"},
                       {":authority", "h"},
                       {":path", std::move(path)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
inline http2::Fields bearer(std::string token) {
  return {{"authorization", "Bearer " + std::move(token), true}};
}

inline io::TlsContext server_tls() {
  static const auto chain = unwrap(ssh::make_host_chain(unwrap(ssh::PrivateKey::generate_ed25519()),
                                                        ::time(nullptr), std::chrono::hours(1)));
  return unwrap(
      io::TlsContext::server(chain.leaf_key_der.expose(), chain.leaf_der, chain.host_der));
}

class Visitor : private http2::Events {
 public:
  explicit Visitor(const ConnectionSettings& settings = {}, const http2::Limits& client_limits = {})
      : client(std::move(sockets_.first), client_context, http2::Role::client, client_limits,
               *this) {
    server.emplace(std::move(sockets_.second), server_context, worker_client, tunnels, settings,
                   "192.0.2.1 4711", [this](RequestId id, Credentials credentials) {
                     asked.emplace_back(id, std::move(credentials));
                   });
    asio::co_spawn(context, server->run(), [this](std::exception_ptr failure) {
      server_ended = true;
      if (failure) server_error = io::to_error(failure);
    });
    asio::co_spawn(context, visit(), [this](std::exception_ptr) { client_ended = true; });
  }
  ~Visitor() override {
    server.reset();
    context.stop();
  }

  template <class Condition>
  void until(Condition done) {
    io::for_test::run_until(context, done);
  }
  // Everything that can happen without the test has happened.
  void settle() {
    until([this] { return ready; });
    client.ping(++pinged_);
    until([this] { return ponged_ == pinged_ || client_ended; });
  }

  http2::StreamId send(const http2::Fields& fields, http2::BodySource* body = nullptr) {
    until([this] { return ready; });
    return unwrap(client.submit_request(fields, body));
  }
  const Answer& answer(http2::StreamId id) {
    until([&] { return answers[id].ended || answers[id].closed; });
    return answers[id];
  }
  std::string status(const http2::Fields& fields) { return answer(send(fields)).field(":status"); }

  // The keeper's answer to the last question.
  void decide(bool accepted, std::optional<std::int64_t> expires = {}) {
    server->verdict(asked.back().first, accepted, {"grant", "alice", "SHA256:x", expires});
  }
  // A first request with the token "t", answered; the connection is logged in then.
  void log_in(std::optional<std::int64_t> expires = {}) {
    auto id = send(request("GET", "/v1/", bearer("t")));
    until([this] { return !asked.empty(); });
    decide(true, expires);
    answer(id);
  }

  // The worker's end of its link; the next message there is what the server asked for.
  Link& start_worker() {
    auto [ours, theirs] = unwrap(Link::make_pair());
    worker_client.connect(std::move(theirs));
    return worker.emplace(std::move(ours));
  }
  template <class Message>
  Message asked_of_worker() {
    std::optional<Packet> packet;
    until([&] { return (packet = unwrap(worker->receive())).has_value(); });
    return std::get<Message>(unwrap(wire::decode<FrontToWorker>(packet->bytes)));
  }
  void worker_says(WorkerToFront message, std::vector<UniqueFd> descriptors = {}) {
    worker->send(wire::encode(message), std::move(descriptors));
  }

  asio::io_context context{1};

 private:
  std::pair<tcp::socket, tcp::socket> sockets_ = io::for_test::connected_pair(context);

 public:
  std::map<http2::StreamId, Answer> answers;
  std::vector<std::pair<RequestId, Credentials>> asked;  // of the keeper
  std::vector<std::uint32_t> goaways;                    // that the client got
  bool ready = false;                                    // TLS is done, requests may be made
  bool server_ended = false, client_ended = false;
  std::optional<Error> server_error;
  WorkerClient worker_client{context.get_executor()};
  KeptTunnels tunnels{context.get_executor()};
  std::optional<Link> worker;
  io::TlsContext server_context = server_tls(), client_context = io::TlsContext::client();
  std::optional<Connection> server;
  io::H2Connection client;

 private:
  awaitable<void> visit() {
    co_await client.handshake();
    ready = true;
    co_await client.run();
  }

  void on_headers(http2::StreamId id, http2::Fields fields, bool) override {
    answers[id].headers = std::move(fields);
  }
  void on_data(http2::StreamId id, std::string_view bytes) override {
    answers[id].body += bytes;
    client.consume(id, bytes.size());
  }
  void on_end(http2::StreamId id) override { answers[id].ended = true; }
  void on_close(http2::StreamId id, std::uint32_t code) override { answers[id].closed = code; }
  void on_goaway(http2::StreamId, std::uint32_t code) override { goaways.push_back(code); }
  void on_pong(std::uint64_t opaque) override { ponged_ = opaque; }

  std::uint64_t pinged_ = 0, ponged_ = 0;
};

}  // namespace nigh::server::for_test
