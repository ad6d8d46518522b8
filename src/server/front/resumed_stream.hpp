// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/front/kept_tunnel_stream.hpp"
#include "server/link/async_link.hpp"
#include "server/link/tunnel_messages.hpp"

namespace nigh::server {

// `CONNECT`, `nigh-tunnel`: a tunnel that goes on over this connection, wherever it is now.
class ResumedStream : public KeptTunnelStream, private WorkerAnswers {
 public:
  ResumedStream(Shared& shared, http2::StreamId id, std::string tunnel, std::uint64_t received);
  ~ResumedStream() override;

 private:
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_failed(const Failed& failure) override;
  void on_message(TunnelHandover message, std::vector<UniqueFd> descriptors);
  void arrived();
  void gone();

  KeptTunnel::Whose whose_;
  std::uint64_t received_;
  RequestId asked_ = 0;
  // From another front.
  std::optional<AsyncLink<TunnelHandover, TunnelHandover>> from_;
  KeptTunnel::Estate estate_;
};

}  // namespace nigh::server
