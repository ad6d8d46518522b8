// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/front/kept_tunnel.hpp"
#include "server/link/async_link.hpp"
#include "server/link/messages.hpp"
#include "server/link/tunnel_messages.hpp"

namespace nigh::server {

// All tunnels of this front that survive their connections. Those without one are kept for a while,
// and as long as they are not too much.
class KeptTunnels {
 public:
  // For a client that lost its connection; and for one that ended it without ending its tunnels:
  // it has died, or something between has spoken in its place.
  static constexpr std::chrono::seconds kPatience{600};
  static constexpr std::chrono::seconds kPatienceAfterEnd{10};
  // Of all tunnels without a connection. The oldest go first.
  static constexpr std::size_t kMaxParked = 16'384;
  static constexpr std::size_t kMaxParkedBytes = 256u << 20;
  // Kept for clients that do not acknowledge what they get; then a tunnel may keep kFewBytes.
  static constexpr std::size_t kMaxBytes = 512u << 20;
  static constexpr std::size_t kFewBytes = 64u << 10;

  explicit KeptTunnels(asio::any_io_executor executor)
      : executor_(std::move(executor)), ack_timer_(executor_) {}

  // The client goes by the id.
  std::shared_ptr<KeptTunnel> add(KeptTunnel::Whose whose, UniqueFd socket);
  std::shared_ptr<KeptTunnel> add(KeptTunnel::Whose whose, KeptTunnel::Estate estate);
  // nullptr: there is none, or it is somebody else's.
  // It has a connection, or gets one now.
  std::shared_ptr<KeptTunnel> find(const KeptTunnel::Whose& whose);
  // Over: its target is reset, if that is still to be done.
  void remove(const std::string& id);
  // Its connection is gone. It may be gone, too, after this.
  void park(const std::string& id, std::chrono::seconds patience);
  // To who asks for it at another front.
  void surrender(const SurrenderTunnel& which, UniqueFd to);

  // ---- for tunnels
  const asio::any_io_executor& executor() const { return executor_; }
  // How many bytes more a tunnel may keep that keeps so many.
  std::size_t may_keep(std::size_t kept) const {
    return std::max(kMaxBytes - std::min(bytes_, kMaxBytes), kFewBytes - std::min(kept, kFewBytes));
  }
  void count(std::size_t before, std::size_t now) { bytes_ = bytes_ - before + now; }
  void ack_later(std::weak_ptr<KeptTunnel> tunnel);

 private:
  struct Entry {
    std::shared_ptr<KeptTunnel> tunnel;
    std::optional<asio::steady_timer> parked;
    std::size_t parked_bytes = 0;
    std::list<std::string>::iterator place = {};  // in parked_
  };
  struct Handover {
    std::optional<AsyncLink<TunnelHandover, TunnelHandover>> link;
  };

  std::shared_ptr<KeptTunnel> add(std::shared_ptr<KeptTunnel> tunnel);
  void unpark(Entry& entry);

  asio::any_io_executor executor_;
  std::size_t bytes_ = 0;
  std::size_t parked_bytes_ = 0;
  std::list<std::string> parked_;  // ids, the oldest first
  std::vector<std::weak_ptr<KeptTunnel>> owing_;
  asio::steady_timer ack_timer_;
  std::list<Handover> handovers_;
  std::unordered_map<std::string, Entry> tunnels_;
};

}  // namespace nigh::server
