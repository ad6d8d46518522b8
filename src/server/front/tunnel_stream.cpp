// SPDX-License-Identifier: Apache-2.0
#include "server/front/tunnel_stream.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace nigh::server {

TunnelStream::TunnelStream(Shared& shared, http2::StreamId id) : Stream(shared, id) {
  auto on_gone = [&h2 = shared.h2, id, alive = std::weak_ptr(shared.alive)](std::size_t gone) {
    if (!alive.expired()) h2.consume(id, gone);
  };
  output_ = std::make_shared<TunnelOutput>(
      TunnelOutput::Events{std::move(on_gone), [this] { on_broken(); }});
}

TunnelStream::~TunnelStream() {
  if (output_) reset_target();  // the connection is gone
}

void TunnelStream::connected(UniqueFd socket) {
  answered_ = true;
  input_.emplace(shared_.executor, std::move(socket), [this] { shared_.h2.resume(id_); });
  // The stream may just have been reset; then on_close() is on its way.
  (void)shared_.h2.submit_response(id_, {{":status", "200"}}, this);
  output_->attach(input_->readiness());
}

void TunnelStream::refuse(const Problem& problem) {
  answered_ = true;
  output_->drop();
  answer(problem);
}

TunnelStream::Chunk TunnelStream::read(std::span<char> into) {
  auto got = input_->read(into);
  if (!got.ended) return {got.size, got.size > 0 ? Next::more : Next::wait};
  if (broken_ || got.error != 0) {
    broken_ = true;
    shared_.h2.reset(id_, http2::kConnectError);
    return {0, Next::wait};
  }
  target_ended_ = true;
  return {0, Next::end};
}

// What the target has said before is still delivered.
void TunnelStream::on_broken() {
  broken_ = true;
  if (target_ended_)
    shared_.h2.reset(id_, http2::kConnectError);
  else
    shared_.h2.resume(id_);
}

void TunnelStream::on_end() {
  client_ended_ = true;
  output_->finish();
}

void TunnelStream::on_close() {
  if (!client_ended_ || !target_ended_) return reset_target();
  output_->outlive(shared_.executor);
  output_.reset();
}

// As what breaks off is told in TCP.
void TunnelStream::reset_target() {
  const linger now{1, 0};
  if (input_) (void)::setsockopt(input_->fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  output_->drop();
  output_.reset();
  input_.reset();
}

}  // namespace nigh::server
