// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "client/tunnel_stream.hpp"

namespace nigh::client {

// A tunnel whose end here is a program that reads and writes.
class TunnelPipe final : private TunnelPeer, public std::enable_shared_from_this<TunnelPipe> {
 public:
  explicit TunnelPipe(std::unique_ptr<TunnelStream> stream);
  ~TunnelPipe() override;

  awaitable<std::size_t> read(std::span<char> into);  // 0: the other half has ended
  // All of `bytes`, which must stay alive meanwhile. One at a time.
  awaitable<void> write(std::string_view bytes);
  void close_output();
  void reset(const Error& why);
  // The caller is gone: a reset, unless both halves have ended.
  void leave();

 private:
  void take(std::string_view bytes) override;
  void take_end() override;
  http2::BodySource::Chunk give(std::span<char> into) override;
  void over() override;
  static awaitable<void> linger(std::shared_ptr<TunnelPipe> self);

  std::unique_ptr<TunnelStream> stream_;
  Broadcast changed_;
  std::string received_;
  std::size_t read_ = 0;  // of received_
  std::string_view writing_;
  bool input_ended_ = false;
  bool output_closed_ = false;
  std::optional<Error> failure_;
};

}  // namespace nigh::client
