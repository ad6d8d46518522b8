// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/broadcast.hpp"
#include "client/tunnel_line.hpp"
#include "client/tunnel_stream.hpp"
#include "service/tunnel/resumable_end.hpp"

namespace nigh::client {

// A tunnel that survives its connection (docs/protocol/tunnels.md): goes on over the line's next
// one where it was, with nothing lost and nothing twice. Both ends see a pause.
class ResumableTunnel final : public TunnelEnd, private TunnelPeer, private tunnel::ResumableTaker {
 public:
  // `stream` is open, and its server has named the tunnel; nothing happens on it before attach().
  // `line` outlives the tunnel.
  ResumableTunnel(std::unique_ptr<TunnelStream> stream, TunnelLine& line);
  ~ResumableTunnel() override;  // a reset, unless it is over
  ResumableTunnel(const ResumableTunnel&) = delete;
  ResumableTunnel& operator=(const ResumableTunnel&) = delete;

  // Finds the next stream when one is lost, for ever. It must not outlive the tunnel.
  awaitable<void> run();

  asio::any_io_executor executor() const override { return executor_; }
  void attach(TunnelPeer* peer) override;
  void resume() override;
  void consume(std::size_t count) override;
  void reset() override;
  bool over() const override { return over_; }
  const std::optional<Error>& failure() const override { return failure_; }
  std::uint64_t received() const override { return received_; }
  std::uint64_t sent() const override { return sent_; }

 private:
  // ---- TunnelPeer, of the stream
  void take(std::string_view bytes) override;
  void take_end() override {}
  http2::BodySource::Chunk give(std::span<char> into) override;
  void over() override;
  // ---- ResumableTaker
  void on_bytes(std::string_view piece) override;
  void on_end() override;

  void use(std::unique_ptr<TunnelStream> stream);
  std::size_t take_input(std::span<char> into);
  void acknowledge_later();
  void fail(Error error);
  awaitable<std::unique_ptr<TunnelStream>> open_again();

  asio::any_io_executor executor_;
  TunnelLine& line_;
  const std::string id_;
  tunnel::ResumableEnd end_;
  std::unique_ptr<TunnelStream> stream_;  // nullptr: lost, and there is no other yet
  TunnelPeer* peer_ = nullptr;
  Broadcast changed_;
  asio::steady_timer ack_timer_;
  bool ack_later_ = false;
  // Ends with the tunnel: for what the timer calls.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::size_t stale_ = 0;   // of what the peer owes: came over an earlier stream
  std::size_t owed_ = 0;    // by the peer
  std::size_t pieces_ = 0;  // of what is being received
  bool input_ended_ = false;
  bool waits_for_room_ = false;  // has taken less from the peer than it may have
  bool over_ = false;
  std::optional<Error> failure_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace nigh::client
