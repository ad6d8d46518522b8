// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "server/keeper/config.hpp"
#include "server/keeper/core.hpp"
#include "server/keeper/listen.hpp"
#include "server/keeper/role_process.hpp"
#include "ssh/agent_binding.hpp"
#include "ssh/host_chain.hpp"
#include "ssh/private_key.hpp"

namespace nigh::server {

// Accepts, holds the host key, starts and restarts the other processes, and carries their messages
// to its core and back. One poll(2) loop; it never reads from a network socket.
class Keeper : private KeeperActions {
 public:
  // `host_certificate`: the blob of an OpenSSH certificate for the key, to show to clients.
  Keeper(Config config, ssh::PrivateKey host_key, std::optional<std::string> host_certificate,
         std::vector<Listener> listeners);

  // Errors of the first start only; later ones are logged and tried again.
  Result<void> start();
  // Until SIGTERM, SIGINT or SIGHUP and the drain after it. The exit status.
  int run();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Watch;  // one entry of the poll set and what to do for it

  void to_front(FrontId front, ToFront message, std::vector<UniqueFd> descriptors) override;
  void to_worker(ToWorker message) override;

  Result<void> renew_leaf();
  void send_leaf(RoleProcess& front);
  Result<void> start_worker();
  Result<void> start_front(FrontId id);
  void connect_to_worker(RoleProcess& front);
  Result<void> start_publisher();
  void restart_what_died();

  std::vector<Watch> watches();
  int poll_timeout() const;
  void on_listener(Listener& listener);
  void on_worker();
  void on_front(FrontId id);
  void on_publisher();
  void came_over(Packet packet);
  FrontId choose_front();  // one runs
  void on_signal();
  void begin_drain();
  bool drained() const;
  void stop_all();

  Config config_;
  ssh::PrivateKey host_key_;
  std::optional<std::string> host_certificate_;
  std::vector<Listener> listeners_;
  std::optional<ssh::HostChain> chain_;
  ssh::AgentBinding agent_binding_;
  Time renew_at_{};
  RoleProcess worker_;
  std::vector<ToWorker> for_next_worker_;  // what logins ask while none runs
  std::vector<RoleProcess> fronts_;
  std::size_t next_front_ = 0;
  RoleProcess publisher_;  // runs if there is anything to publish
  KeeperCore core_;
  UniqueFd signals_;
  Time pause_accepting_until_{};
  std::optional<Time> drain_until_;
};

}  // namespace nigh::server
