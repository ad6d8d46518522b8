// SPDX-License-Identifier: Apache-2.0
// For tests: a KeeperCore whose actions are remembered, and a client with a key beside it.
#pragma once

#include <fcntl.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "server/keeper/core.hpp"
#include "ssh/private_key.hpp"
#include "ssh/sshsig.hpp"

namespace nigh::server::for_test {

using namespace std::chrono_literals;

struct Recorder : KeeperActions {
  struct Sent {
    FrontId front;
    ToFront message;
    std::vector<UniqueFd> descriptors;
  };
  void to_front(FrontId front, ToFront message, std::vector<UniqueFd> descriptors) override {
    fronts.push_back({front, std::move(message), std::move(descriptors)});
  }
  void to_worker(ToWorker message) override { worker.push_back(std::move(message)); }

  // The last message of that type, as long as it is the last one at all.
  template <class Message>
  const Message* last_to_front() const {
    return fronts.empty() ? nullptr : std::get_if<Message>(&fronts.back().message);
  }
  template <class Message>
  const Message* last_to_worker() const {
    return worker.empty() ? nullptr : std::get_if<Message>(&worker.back());
  }
  std::vector<Sent> fronts;
  std::vector<ToWorker> worker;
};

// What the client of a connection signs, if its front is honest.
inline std::string exporter_of(ConnectionId connection) {
  return std::string(31, 'e') + static_cast<char>(connection);
}

inline Authenticate proof(ConnectionId connection, const ssh::PublicKey& key,
                          const std::string& signature, const std::string& hash = "sha512") {
  return {connection, 7, "alice", key.blob, hash, signature, exporter_of(connection)};
}

// As `key` would prove itself on `connection`.
inline Authenticate signed_by(const ssh::PrivateKey& key, ConnectionId connection,
                              std::string_view name_space = "nigh-auth-v1") {
  auto blob = unwrap(ssh::sign_sshsig(key, name_space, exporter_of(connection)));
  auto sshsig = unwrap(ssh::parse_sshsig(blob));
  return proof(connection, sshsig.key, sshsig.signature, sshsig.hash_algorithm);
}

struct World {
  explicit World(const KeeperLimits& limits = {}) : core(limits, actions) {}

  // 0: turned away.
  ConnectionId accept(const std::string& source = "192.0.2.1", FrontId front = 0) {
    auto before = actions.fronts.size();
    core.accepted(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)), source, 4711, front, now);
    return actions.fronts.size() > before ? actions.last_to_front<Accepted>()->connection : 0;
  }

  LookedUp found(const GrantId& grant = "grant") const {
    LookedUp answer;
    answer.request = std::visit(
        [](const auto& m) -> RequestId {
          if constexpr (requires { m.request; }) return m.request;
          return 0;
        },
        actions.worker.back());
    answer.found = true;
    answer.grant = grant;
    answer.user = "alice";
    answer.fingerprint = "SHA256:x";
    return answer;
  }
  LookedUp not_found() const {
    auto answer = found("");
    answer.found = false;
    answer.reason = "not listed";
    return answer;
  }

  // The whole way in; the verdict is then the last message to the front.
  ConnectionId log_in(const std::string& source = "192.0.2.1", FrontId front = 0,
                      const GrantId& grant = "grant") {
    auto id = accept(source, front);
    core.from_front(front, signed_by(key, id), now);
    core.from_worker(found(grant), now);
    return id;
  }

  Recorder actions;
  KeeperCore core;
  KeeperCore::Time now{1h};
  ssh::PrivateKey key = unwrap(ssh::PrivateKey::generate_ed25519());
};

}  // namespace nigh::server::for_test
