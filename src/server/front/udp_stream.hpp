// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/readiness.hpp"
#include "server/front/stream.hpp"
#include "service/tunnel/capsule.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::server {

// `CONNECT`, `connect-udp` (RFC 9298): datagrams to one target and back, in capsules. Nothing ever
// waits for a datagram: what the socket does not take is lost, and what the client does not take
// stays in the socket's buffer, which loses it. Over when the client ends its half.
class UdpStream : public Stream, private WorkerAnswers, private http2::BodySource {
 public:
  UdpStream(Shared& shared, http2::StreamId id, tunnel::HostPort target);
  ~UdpStream() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;

 private:
  static constexpr std::size_t kMaxEarly = 64;  // datagrams that come before there is a socket

  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_failed(const Failed& failure) override;
  void on_worker_died(const Failed& failure) override;
  Chunk read(std::span<char> into) override;
  bool receive();
  void send(const std::string& datagram);

  Dial target_;  // the next worker may be asked as well
  RequestId asked_;
  bool answered_ = false;
  bool over_ = false;
  tunnel::CapsuleDecoder decoder_;
  std::size_t incomplete_ = 0;  // bytes of a datagram that is not whole
  std::vector<std::string> early_;
  std::optional<io::Readiness> socket_;
  std::string capsule_;  // that did not fit into the last chunk as a whole
  std::size_t sent_ = 0;
};

}  // namespace nigh::server
