// SPDX-License-Identifier: Apache-2.0
#include "server/front/dial_stream.hpp"

#include <utility>

namespace nigh::server {

template <class Tunnel>
DialStream<Tunnel>::DialStream(Shared& shared, http2::StreamId id, Reach reach, std::string host,
                               std::uint16_t port)
    : Tunnel(shared, id),
      target_{0, shared.login.grant, reach, std::move(host), port},
      asked_(shared.worker.ask(target_, *this, WorkerClient::Without::wait)) {}

template <class Tunnel>
DialStream<Tunnel>::~DialStream() {
  shared_.worker.forget(asked_);
  if (!this->answered()) shared_.worker.abandon(asked_);
}

template <class Tunnel>
void DialStream<Tunnel>::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (this->answered() || descriptors.size() != 1) return;
  target_ = Dial();
  shared_.worker.forget(asked_);  // nothing more comes of it
  this->connected(std::move(descriptors[0]));
}

template <class Tunnel>
void DialStream<Tunnel>::on_failed(const Failed& failure) {
  if (!this->answered()) this->refuse(problem_of(failure.trouble, failure.message));
}

// A connection that the last one may have made is closed and has carried nothing.
template <class Tunnel>
void DialStream<Tunnel>::on_worker_died(const Failed&) {
  if (!this->answered()) asked_ = shared_.worker.ask(target_, *this, WorkerClient::Without::wait);
}

template class DialStream<TunnelStream>;
template class DialStream<KeptTunnelStream>;

}  // namespace nigh::server
