// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/unique_fd.hpp"
#include "server/keeper/penalties.hpp"
#include "server/link/messages.hpp"

namespace nigh::server {

using FrontId = std::size_t;

// What the keeper asks to be done.
class KeeperActions {
 public:
  virtual ~KeeperActions() = default;
  virtual void to_front(FrontId front, ToFront message, std::vector<UniqueFd> descriptors) = 0;
  virtual void to_worker(ToWorker message) = 0;
};

struct KeeperLimits {
  std::size_t unauthenticated = 100;
  bool penalties = true;
};

// The keeper's decisions, without its sockets: which connections to take, who is let in. A front
// carries a signature; only this checks it, and only what comes out of here is a proven key.
class KeeperCore {
 public:
  using Time = Penalties::Time;
  KeeperCore(const KeeperLimits& limits, KeeperActions& actions)
      : limits_(limits), actions_(actions) {}

  // Gives the connection to `front`, or closes it: too many strangers, or a penalised source.
  void accepted(UniqueFd socket, const std::string& source, std::uint16_t port, FrontId front,
                Time now);
  void from_front(FrontId front, FromFront message, Time now);
  void from_worker(FromWorker message, Time now);
  void front_gone(FrontId front);
  void worker_gone();

  std::size_t unauthenticated() const { return unauthenticated_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection {
    FrontId front;
    std::string source;
    bool authenticated = false;
    bool asking = false;  // a login of its waits for the worker
    bool failed_once = false;
    GrantId grant;
  };
  // A login that waits for the worker.
  struct Login {
    ConnectionId connection;
    RequestId request;   // the front's
    Authenticate proof;  // empty signature: a token, which the worker has judged
    std::string token_hash;
    int workers = 0;  // that were asked
    bool by_token() const { return !token_hash.empty(); }
  };

  Connection* owned(FrontId front, ConnectionId id);
  Connection* stranger(FrontId front, ConnectionId id);
  void on(FrontId front, Authenticate message, Time now);
  void on(FrontId front, AuthenticateToken message, Time now);
  void on(FrontId front, Closed message, Time now);
  void ask(Login login);
  void settle(const Login& login, const LookedUp& answer);
  void refuse(const Login& login, const std::string& user, const std::string& reason);
  void forget(ConnectionId id);

  KeeperLimits limits_;
  KeeperActions& actions_;
  Penalties penalties_;
  ConnectionId next_connection_ = 1;
  RequestId next_login_ = 1;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::map<RequestId, Login> logins_;
  std::size_t unauthenticated_ = 0;
};

}  // namespace nigh::server
