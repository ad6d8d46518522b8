// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/readiness.hpp"
#include "server/front/kept_tunnel_stream.hpp"
#include "server/front/tunnel_stream.hpp"

namespace nigh::server {

// `POST /v1/listen`: {"address":"127.0.0.1","port":0}, {"unix":"/path"}, {"agent":true} or
// {"name":"web1"}. Lasts as long as its client wants to listen, and says in lines of JSON what has
// come. Each connection waits here until a stream of the client's fetches it.
class ListenStream : public GatheringStream, private WorkerAnswers, private http2::BodySource {
 public:
  static constexpr std::size_t kMaxListeners = 64;  // a connection
  static constexpr std::size_t kMaxWaiting = 256;
  static constexpr std::chrono::seconds kMaxWait{30};

  ListenStream(Shared& shared, http2::StreamId id);
  ~ListenStream() override;
  void on_drain() override;
  // The connection of that id, which Shared::accepted says is here.
  UniqueFd take(const std::string& accepted);

 private:
  struct Waiting {
    UniqueFd socket;
    std::chrono::steady_clock::time_point until;
  };

  void on_body(std::string body) override;
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_visited(const Visited& visited, std::vector<UniqueFd> descriptors) override;
  void on_failed(const Failed& failure) override;
  void on_worker_died(const Failed& failure) override;
  Chunk read(std::span<char> into) override;

  void say(std::string line);
  void listen_at(std::vector<UniqueFd> sockets);
  void accept(io::Readiness& listener);
  void add(UniqueFd socket, const std::string& peer);
  void go_on();
  void look_after();
  void close();
  void end();

  Listen what_;  // the next worker may be asked as well
  RequestId asked_ = 0;
  std::string unix_path_;
  bool for_agent_ = false;
  std::string name_;  // that is published: there is no listener here, and the worker says who comes
  bool answered_ = false;
  bool paused_ = false;  // as many wait as may: it accepts no more
  bool over_ = false;
  std::deque<io::Readiness> listeners_;  // of localhost two
  std::map<std::string, Waiting> waiting_;
  std::deque<std::string> order_;  // in which they came; some but the first have been fetched
  std::optional<asio::steady_timer> timer_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::string lines_;
};

// `CONNECT`, `nigh-accepted`: the tunnel of one connection that has come.
template <class Tunnel>
class AcceptedStream : public Tunnel {
 public:
  AcceptedStream(Shared& shared, http2::StreamId id, UniqueFd socket) : Tunnel(shared, id) {
    this->connected(std::move(socket));
  }
};

}  // namespace nigh::server
