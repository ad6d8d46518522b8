// SPDX-License-Identifier: Apache-2.0
#include "server/front/kept_tunnel.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "server/front/kept_tunnels.hpp"

namespace nigh::server {

using Chunk = http2::BodySource::Chunk;
using Next = http2::BodySource::Next;

KeptTunnel::KeptTunnel(KeptTunnels& all, Whose whose, UniqueFd socket)
    : all_(all), whose_(std::move(whose)) {
  open(std::move(socket));
}

KeptTunnel::KeptTunnel(KeptTunnels& all, Whose whose, Estate estate)
    : all_(all),
      whose_(std::move(whose)),
      end_(unwrap(tunnel::ResumableEnd::from(estate.state))),
      input_ended_(estate.state.ended) {
  if (end_.append(estate.kept) != estate.kept.size())
    throw Failure(Errc::malformed, "a tunnel came with more than it may keep");
  open(std::move(estate.socket));
  stale_ = estate.unsent.size();
  output_->write(estate.unsent);
  if (estate.state.received_end) output_->finish();
  count_kept();
}

void KeptTunnel::open(UniqueFd socket) {
  output_ = std::make_shared<TunnelOutput>(
      TunnelOutput::Events{[this](std::size_t gone) { on_gone(gone); }, [this] { on_broken(); }});
  input_.emplace(all_.executor(), std::move(socket), [this] {
    if (carrier_) carrier_->resume();
  });
  output_->attach(input_->readiness());
}

KeptTunnel::~KeptTunnel() {
  carrier_ = nullptr;
  if (output_) {
    const linger now{1, 0};
    (void)::setsockopt(input_->fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    output_->drop();
  }
  all_.count(counted_, 0);
}

// ---- the connection ----------------------------------------------------------------------------

Result<void> KeptTunnel::attach(Carrier& carrier, std::uint64_t theirs) {
  if (carrier_) {
    auto* before = carrier_;
    detach();
    before->on_taken();
  }
  if (auto possible = end_.go_on(theirs); !possible) return possible;
  count_kept();
  carrier_ = &carrier;
  return {};
}

void KeptTunnel::detach() {
  carrier_ = nullptr;
  if (output_) stale_ = output_->kept();
}

std::optional<KeptTunnel::Estate> KeptTunnel::give_away() {
  if (broken_ || !output_) return std::nullopt;
  if (carrier_) {
    auto* before = carrier_;
    detach();
    before->on_taken();
  }
  Estate estate{
      end_.state(), {}, output_->give_back(), UniqueFd(::fcntl(input_->fd(), F_DUPFD_CLOEXEC, 3))};
  if (!estate.socket.valid()) return std::nullopt;
  for (auto at = estate.state.begin; estate.kept.size() < end_.kept();) {
    auto piece = end_.kept_at(at);
    estate.kept += piece;
    at += piece.size();
  }
  close();
  return estate;
}

// Without a reset: what is left of the socket is somebody else's.
void KeptTunnel::close() {
  output_.reset();
  input_.reset();
}

void KeptTunnel::leave() {
  carrier_ = nullptr;
  output_->outlive(all_.executor());
  close();
}

// ---- from the client ---------------------------------------------------------------------------

Result<void> KeptTunnel::receive(std::string_view bytes) {
  pieces_ = 0;
  auto kept = end_.kept();
  auto taken = end_.receive(bytes, *this);
  if (carrier_) {
    carrier_->consume(bytes.size() - pieces_);
    const bool has_room = waits_for_room_ && end_.kept() < kept;
    if (end_.has_output() || has_room) carrier_->resume();
  }
  count_kept();
  if (end_.owes_ack() && !std::exchange(ack_later_, true)) all_.ack_later(weak_from_this());
  return taken;
}

void KeptTunnel::on_bytes(std::string_view piece) {
  pieces_ += piece.size();
  output_->write(piece);
}

void KeptTunnel::on_gone(std::size_t count) {
  auto stale = std::min(count, stale_);
  stale_ -= stale;
  if (carrier_ && count > stale) carrier_->consume(count - stale);
}

void KeptTunnel::ack_now() {
  ack_later_ = false;
  end_.ack_now();
  if (carrier_ && end_.has_output()) carrier_->resume();
}

// ---- from the target ---------------------------------------------------------------------------

// What the target has said before is still delivered.
void KeptTunnel::on_broken() {
  broken_ = true;
  if (!carrier_) return;
  if (input_ended_)
    carrier_->on_broken();
  else
    carrier_->resume();
}

// Into what is sent, and says how much of that is used. There may be something to fill in then.
std::size_t KeptTunnel::take_output(std::span<char> into) {
  waits_for_room_ = false;
  if (input_ended_ || input_broke_) return 0;
  auto room = end_.room_in(into);
  room = room.first(std::min(room.size(), all_.may_keep(end_.kept())));
  waits_for_room_ = room.empty();
  if (waits_for_room_) return 0;
  auto got = input_->read(room);
  if (!got.ended) return end_.pass(into, got.size);
  if (broken_ || got.error != 0) {
    broken_ = input_broke_ = true;
  } else {
    input_ended_ = true;
    end_.end();
  }
  return 0;
}

Chunk KeptTunnel::read(std::span<char> into) {
  auto size = end_.fill(into, [this](std::span<char> rest) { return take_output(rest); });
  count_kept();
  if (size > 0) return {size, Next::more};
  if (input_broke_) carrier_->on_broken();
  return {0, Next::wait};
}

void KeptTunnel::count_kept() {
  auto now = kept();
  all_.count(counted_, now);
  counted_ = now;
}

}  // namespace nigh::server
