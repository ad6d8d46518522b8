// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/front/credentials.hpp"
#include "server/front/stream.hpp"

namespace nigh::server {

struct ConnectionSettings {
  std::chrono::seconds login{10};
  std::uint32_t streams = 16'384;       // at a time, of who is logged in
  std::size_t kept_bytes = 256u << 20;  // Shared::Kept
  std::shared_ptr<const ssh::AgentBinding> agent_binding = {};
};

// One client, from TLS to its last stream. Before it has authenticated it has kMaxAttempts, one at
// a time, and kMaxStrangerBytes; it is told nothing but 401. What it asks for meanwhile with the
// same credentials waits for the same verdict.
class Connection : private http2::Events {
 public:
  static constexpr int kMaxAttempts = 6;
  static constexpr std::uint64_t kMaxStrangerBytes = 64 * 1024;
  static constexpr std::uint32_t kMaxStrangerStreams = 256;
  static constexpr std::size_t kMaxHeldFields = 64 * 1024;  // decoded: they compress well

  // Asks the keeper; its answer comes back by verdict().
  using Ask = std::function<void(RequestId, Credentials)>;

  Connection(tcp::socket socket, const io::TlsContext& tls, WorkerClient& worker,
             KeptTunnels& tunnels, const ConnectionSettings& settings, std::string source, Ask ask);
  ~Connection() override;

  // Returns when the connection has ended; throws what broke it.
  awaitable<void> run();
  void verdict(RequestId request, bool accepted, Login login);
  // No new streams; ends when those that run have ended.
  void drain();

  // What a client signs to log in as `user` (docs/protocol.md); after the handshake.
  std::string exporter(std::string_view user) {
    return h2_.stream().engine().exporter("EXPORTER-nigh-auth-v1", user, 32);
  }
  bool login_timed_out() const { return login_timed_out_; }

 private:
  // A request that waits for the keeper's word, with what came after its header.
  struct Held {
    http2::StreamId id;
    http2::Fields fields;
    std::string data;
    bool ended = false;
    bool closed = false;
  };

  void on_headers(http2::StreamId id, http2::Fields fields, bool end) override;
  void on_data(http2::StreamId id, std::string_view bytes) override;
  void on_end(http2::StreamId id) override;
  void on_close(http2::StreamId id, std::uint32_t code) override;
  void on_goaway(http2::StreamId, std::uint32_t) override { shared_.said_goodbye = true; }

  Held* find_held(http2::StreamId id);
  bool hold(http2::StreamId id, http2::Fields fields);
  void serve_held(Held held);
  void stranger(http2::StreamId id, http2::Fields fields);
  void refuse_stranger(http2::StreamId id, std::string detail, bool as_proxy = false);
  bool still_valid(const http2::Fields& fields) const;
  void open(http2::StreamId id, const http2::Fields& fields);
  void ended();
  awaitable<void> serve();
  awaitable<void> watch_login();

  io::H2Connection h2_;
  Shared shared_;
  ConnectionSettings settings_;
  Ask ask_;
  std::vector<Held> held_;  // the first is the one that was asked about
  std::size_t held_bytes_ = 0;
  std::string authorization_;  // that let the client in; later requests may repeat it
  int attempts_ = 0;
  bool authenticated_ = false;
  bool login_timed_out_ = false;
  bool draining_ = false;
  io::Wake logged_in_;
  std::unordered_map<http2::StreamId, std::unique_ptr<Stream>> streams_;
};

}  // namespace nigh::server
