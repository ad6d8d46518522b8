// SPDX-License-Identifier: Apache-2.0
#include "server/front/kept_tunnels.hpp"

#include <utility>

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

// How long what is owed to a client that nothing is sent to anyway may wait: it keeps some bytes
// for us meanwhile.
constexpr auto kAckDelay = 200ms;
constexpr std::size_t kPiece = 64 * 1024;

template <class Link>
void send_in_pieces(Link& link, bool to_target, std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size())))
    link.send(TunnelBytes{to_target, std::string(bytes.substr(0, kPiece))});
}

}  // namespace

std::shared_ptr<KeptTunnel> KeptTunnels::add(KeptTunnel::Whose whose, UniqueFd socket) {
  return add(std::make_shared<KeptTunnel>(*this, std::move(whose), std::move(socket)));
}

std::shared_ptr<KeptTunnel> KeptTunnels::add(KeptTunnel::Whose whose, KeptTunnel::Estate estate) {
  return add(std::make_shared<KeptTunnel>(*this, std::move(whose), std::move(estate)));
}

std::shared_ptr<KeptTunnel> KeptTunnels::add(std::shared_ptr<KeptTunnel> tunnel) {
  tunnels_.insert_or_assign(tunnel->whose().id, Entry{.tunnel = tunnel, .parked = {}});
  return tunnel;
}

std::shared_ptr<KeptTunnel> KeptTunnels::find(const KeptTunnel::Whose& whose) {
  auto found = tunnels_.find(whose.id);
  if (found == tunnels_.end() || found->second.tunnel->whose().fingerprint != whose.fingerprint)
    return nullptr;
  unpark(found->second);
  return found->second.tunnel;
}

void KeptTunnels::remove(const std::string& id) {
  auto found = tunnels_.find(id);
  if (found == tunnels_.end()) return;
  unpark(found->second);
  tunnels_.erase(found);
}

// ---- without a connection ----------------------------------------------------------------------

void KeptTunnels::park(const std::string& id, std::chrono::seconds patience) {
  auto found = tunnels_.find(id);
  if (found == tunnels_.end()) return;
  auto& entry = found->second;
  unpark(entry);
  entry.tunnel->detach();
  entry.parked_bytes = entry.tunnel->kept();
  parked_bytes_ += entry.parked_bytes;
  entry.place = parked_.insert(parked_.end(), id);
  entry.parked.emplace(executor_, patience);
  entry.parked->async_wait([this, id](boost::system::error_code cancelled) {
    // It may have been found, and parked again, since the timer was due.
    auto parked = tunnels_.find(id);
    if (cancelled || parked == tunnels_.end() || !parked->second.parked) return;
    if (parked->second.parked->expiry() <= std::chrono::steady_clock::now()) remove(id);
  });
  while (parked_.size() > kMaxParked || parked_bytes_ > kMaxParkedBytes)
    remove(std::string(parked_.front()));
}

void KeptTunnels::unpark(Entry& entry) {
  if (!entry.parked) return;
  entry.parked.reset();
  parked_.erase(entry.place);
  parked_bytes_ -= std::exchange(entry.parked_bytes, 0);
}

// ---- to another front --------------------------------------------------------------------------

void KeptTunnels::surrender(const SurrenderTunnel& which, UniqueFd to) {
  auto tunnel = find({which.id, which.fingerprint});
  if (!tunnel) return;
  auto estate = tunnel->give_away();
  remove(which.id);
  if (!estate) return;
  auto place = handovers_.emplace(handovers_.end());
  // It closes when it has everything; or dies, and the tunnel with it.
  place->link.emplace(executor_, std::move(to),
                      AsyncLink<TunnelHandover, TunnelHandover>::Events{
                          [](TunnelHandover, std::vector<UniqueFd>) {},
                          [this, place](const Error&) { handovers_.erase(place); }});
  std::vector<UniqueFd> socket;
  socket.push_back(std::move(estate->socket));
  const auto& state = estate->state;
  place->link->send(TunnelFacts{state.begin, state.ended, state.received, state.received_end},
                    std::move(socket));
  send_in_pieces(*place->link, true, estate->unsent);
  send_in_pieces(*place->link, false, estate->kept);
  place->link->send(TunnelComplete{});
}

// ---- acknowledgements --------------------------------------------------------------------------

void KeptTunnels::ack_later(std::weak_ptr<KeptTunnel> tunnel) {
  owing_.push_back(std::move(tunnel));
  if (owing_.size() > 1) return;
  ack_timer_.expires_after(kAckDelay);
  ack_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    for (auto& owing : std::exchange(owing_, {}))
      if (auto owes = owing.lock()) owes->ack_now();
  });
}

}  // namespace nigh::server
