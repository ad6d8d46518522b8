// SPDX-License-Identifier: Apache-2.0
#include "server/front/dial_stream.hpp"

#include <utility>

namespace nigh::server {

DialStream::DialStream(Shared& shared, http2::StreamId id, Reach reach, std::string host,
                       std::uint16_t port)
    : TunnelStream(shared, id),
      target_{0, shared.login.grant, reach, std::move(host), port},
      asked_(shared.worker.ask(target_, *this, WorkerClient::Without::wait)) {}

DialStream::~DialStream() {
  shared_.worker.forget(asked_);
  if (!answered()) shared_.worker.abandon(asked_);
}

void DialStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (answered() || descriptors.size() != 1) return;
  target_ = Dial();
  shared_.worker.forget(asked_);  // nothing more comes of it
  connected(std::move(descriptors[0]));
}

void DialStream::on_failed(const Failed& failure) {
  if (!answered()) refuse(problem_of(failure.trouble, failure.message));
}

// A connection that the last one may have made is closed and has carried nothing.
void DialStream::on_worker_died(const Failed&) {
  if (!answered()) asked_ = shared_.worker.ask(target_, *this, WorkerClient::Without::wait);
}

}  // namespace nigh::server
