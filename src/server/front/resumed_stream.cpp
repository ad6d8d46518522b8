// SPDX-License-Identifier: Apache-2.0
#include "server/front/resumed_stream.hpp"

#include <sys/socket.h>

#include <utility>

#include "server/front/kept_tunnels.hpp"

namespace nigh::server {

ResumedStream::ResumedStream(Shared& shared, http2::StreamId id, std::string tunnel,
                             std::uint64_t received)
    : KeptTunnelStream(shared, id),
      whose_{std::move(tunnel), shared.login.fingerprint},
      received_(received) {
  if (whose_.id.size() != kTunnelId)
    gone();
  else if (auto here = shared_.tunnels.find(whose_))
    go_on(std::move(here), received_);
  else
    asked_ = shared_.worker.ask(FetchTunnel{0, shared_.login.grant, whose_.id}, *this);
}

ResumedStream::~ResumedStream() {
  shared_.worker.forget(asked_);
  const linger now{1, 0};  // nobody has it any more
  if (estate_.socket.valid())
    (void)::setsockopt(estate_.socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void ResumedStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  shared_.worker.forget(asked_);
  if (answered() || descriptors.size() != 1) return;
  from_.emplace(shared_.executor, std::move(descriptors[0]),
                AsyncLink<TunnelHandover, TunnelHandover>::Events{
                    [this](TunnelHandover message, std::vector<UniqueFd> sockets) {
                      on_message(std::move(message), std::move(sockets));
                    },
                    [this](const Error&) { gone(); }});
}

void ResumedStream::on_failed(const Failed& failure) {
  if (!answered()) refuse(problem_of(failure.trouble, failure.message));
}

void ResumedStream::on_message(TunnelHandover message, std::vector<UniqueFd> descriptors) {
  if (const auto* facts = std::get_if<TunnelFacts>(&message)) {
    estate_.state = {.begin = facts->begin,
                     .ended = facts->ended,
                     .received = facts->received,
                     .received_end = facts->received_end};
    if (descriptors.size() == 1) estate_.socket = std::move(descriptors[0]);
  } else if (const auto* bytes = std::get_if<TunnelBytes>(&message)) {
    (bytes->to_target ? estate_.unsent : estate_.kept) += bytes->bytes;
  } else {
    arrived();
  }
}

void ResumedStream::arrived() {
  from_.reset();
  if (!estate_.socket.valid()) return gone();
  try {
    go_on(shared_.tunnels.add(std::move(whose_), std::move(estate_)), received_);
  } catch (const Failure& failure) {
    refuse(problem_of(Trouble::internal, failure.what()));
  }
}

void ResumedStream::gone() {
  from_.reset();
  refuse(problem_of(Trouble::not_found,
                    "there is no such tunnel: it has ended, was reset, or nobody came for it"));
}

}  // namespace nigh::server
