// SPDX-License-Identifier: Apache-2.0
#include "server/front/kept_tunnel_stream.hpp"

#include <utility>

#include "server/front/kept_tunnels.hpp"
#include "service/tunnel/target.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
// The connection is gone, and the tunnel is not, unless that was what its client wanted.
KeptTunnelStream::~KeptTunnelStream() {
  if (!tunnel_) return;
  const auto& id = tunnel_->whose().id;
  if (shared_.said_goodbye)
    shared_.tunnels.remove(std::string(id));
  else
    shared_.tunnels.park(
        id, shared_.peer_left ? KeptTunnels::kPatienceAfterEnd : KeptTunnels::kPatience);
}

void KeptTunnelStream::connected(UniqueFd socket) {
  auto id = wire::base64url(ssh::random_bytes(kTunnelIdBytes));
  tunnel_ = shared_.tunnels.add({id, shared_.login.fingerprint}, std::move(socket));
  (void)tunnel_->attach(*this, 0);  // of nothing, nothing was received
  begin({{":status", "200"}, {std::string(tunnel::kTunnelField), id}});
}

void KeptTunnelStream::go_on(std::shared_ptr<KeptTunnel> tunnel, std::uint64_t theirs) {
  auto has = tunnel->received();
  if (auto possible = tunnel->attach(*this, theirs); !possible) {
    shared_.tunnels.remove(tunnel->whose().id);
    return refuse(problem_of(Trouble::bad_request, possible.error().message));
  }
  tunnel_ = std::move(tunnel);
  begin({{":status", "200"}, {std::string(tunnel::kReceivedField), std::to_string(has)}});
}

void KeptTunnelStream::begin(const http2::Fields& fields) {
  answered_ = true;
  // The stream may just have been reset; then on_close() is on its way.
  (void)shared_.h2.submit_response(id_, fields, this);
  if (auto early = std::exchange(early_, {}); !early.empty()) on_data(early);
}

void KeptTunnelStream::refuse(const Problem& problem) {
  answered_ = true;
  shared_.h2.consume(id_, std::exchange(early_, {}).size());
  answer(problem);
}

void KeptTunnelStream::on_data(std::string_view bytes) {
  if (!answered_)
    early_ += bytes;  // no more than the stream's window
  else if (!tunnel_ || broken_)
    shared_.h2.consume(id_, bytes.size());
  else if (!tunnel_->receive(bytes))
    break_off();
}

// A client ends the stream when all is done, and the server after it.
void KeptTunnelStream::on_end() {
  client_ended_ = true;
  if (tunnel_ && !tunnel_->is_complete()) return break_off();
  resume();
}

void KeptTunnelStream::on_close() {
  auto tunnel = std::exchange(tunnel_, nullptr);
  if (!tunnel) return;
  if (tunnel->is_complete()) tunnel->leave();
  shared_.tunnels.remove(tunnel->whose().id);
}

KeptTunnelStream::Chunk KeptTunnelStream::read(std::span<char> into) {
  if (!tunnel_ || broken_) return {0, Next::wait};
  if (client_ended_ && tunnel_->is_complete()) return {0, Next::end};
  return tunnel_->read(into);
}

// Its client has come back over another connection; of this one nobody has heard for long.
void KeptTunnelStream::on_taken() {
  tunnel_.reset();
  shared_.h2.reset(id_, http2::kCancel);
}

// The tunnel goes with the stream, in on_close(): this may be called from inside it.
void KeptTunnelStream::break_off() {
  broken_ = true;
  shared_.h2.reset(id_, http2::kConnectError);
}

}  // namespace nigh::server
