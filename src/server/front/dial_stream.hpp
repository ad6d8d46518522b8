// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "server/front/kept_tunnel_stream.hpp"
#include "server/front/tunnel_stream.hpp"

namespace nigh::server {

// `CONNECT host:port`, and Unix sockets: a tunnel to what the worker dials. `Tunnel`: of one of the
// two kinds.
template <class Tunnel>
class DialStream : public Tunnel, private WorkerAnswers {
 public:
  DialStream(Shared& shared, http2::StreamId id, Reach reach, std::string host, std::uint16_t port);
  ~DialStream() override;

 private:
  using Tunnel::shared_;

  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_failed(const Failed& failure) override;
  void on_worker_died(const Failed& failure) override;

  Dial target_;  // the next worker may be asked as well
  RequestId asked_;
};

extern template class DialStream<TunnelStream>;
extern template class DialStream<KeptTunnelStream>;

}  // namespace nigh::server
