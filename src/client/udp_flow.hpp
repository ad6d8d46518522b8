// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "client/tunnel_stream.hpp"
#include "client/udp_listener.hpp"
#include "service/tunnel/capsule.hpp"

namespace nigh::client {

// The datagrams of one sender, through a tunnel and back. What the tunnel does not take in time is
// lost, as on any network.
class UdpFlow final : private TunnelPeer {
 public:
  UdpFlow(std::shared_ptr<UdpListener> listener, const UdpListener::Endpoint& sender);

  // From the sender; also before there is a tunnel.
  void push(std::string_view payload);
  // Returns when nothing has passed for `idle`. Throws what broke the tunnel.
  awaitable<void> run(TunnelStream& stream, std::chrono::steady_clock::duration idle);

 private:
  using Time = std::chrono::steady_clock::time_point;
  void take(std::string_view bytes) override;
  void take_end() override {}
  http2::BodySource::Chunk give(std::span<char> into) override;
  void over() override { changed_.cancel(); }

  std::shared_ptr<UdpListener> listener_;
  UdpListener::Endpoint sender_;
  TunnelStream* stream_ = nullptr;
  asio::steady_timer changed_;
  std::deque<std::string> capsules_;
  std::size_t sent_ = 0;  // of the first
  tunnel::CapsuleDecoder decoder_;
  Time last_;
  bool broken_ = false;  // what the server sends makes no sense
};

}  // namespace nigh::client
