// SPDX-License-Identifier: Apache-2.0
// Who sends to a channel, and who receives from one.
#pragma once

#include <nigh/channels.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/channel_carrier.hpp"
#include "service/channel/inbox.hpp"
#include "service/channel/outbox.hpp"

namespace nigh::client {

class ChannelSender final : public ChannelCarrier {
 public:
  // Errc::usage, thrown: the name is none.
  ChannelSender(std::shared_ptr<Connection> connection, std::string name,
                ChannelSendOptions options);
  // One of these at a time.
  awaitable<void> send(std::string_view bytes);
  awaitable<void> send(std::span<const std::string_view> messages);
  awaitable<void> finish_all();

 private:
  channel::Opening opening() const override { return opening_; }
  bool may_resume() const override { return !options_.stream || !began_; }
  void on_lost() override;
  Result<void> on_frame(channel::Frame type, std::string_view payload) override;
  Result<void> on_bytes(std::string_view bytes) override;
  std::size_t fill(std::span<char> into) override;
  std::size_t fill_stream(std::span<char> into);
  Result<void> on_welcome(std::string_view payload);
  void tell_receivers(std::uint32_t count);
  awaitable<void> send_piece(std::string_view bytes);
  awaitable<void> send_all(std::vector<std::string_view> messages);

  ChannelSendOptions options_;
  channel::Opening opening_;
  channel::Outbox outbox_;
  // ---- a stream
  bool welcome_ = false;
  bool began_ = false;       // bytes have left
  std::string_view memory_;  // that is to be sent
  std::string few_;          // bytes of a frame for which there was no room
  bool end_due_ = false;
  bool stream_taken_ = false;
};

class ChannelReceiver final : public ChannelCarrier {
 public:
  ChannelReceiver(std::shared_ptr<Connection> connection, std::string name,
                  ChannelReceiveOptions options);
  awaitable<std::optional<ChannelItem>> receive();
  std::optional<ChannelItem> try_receive();
  void acknowledge();
  awaitable<void> finish_all();

 private:
  channel::Opening opening() const override;
  bool may_resume() const override { return true; }
  void on_lost() override;
  Result<void> on_frame(channel::Frame type, std::string_view payload) override;
  Result<void> on_bytes(std::string_view bytes) override;
  std::size_t fill(std::span<char> into) override;
  std::size_t waiting() const override { return inbox_.bytes(); }
  bool is_certain() const;

  std::string name_;
  ChannelReceiveOptions options_;
  channel::Inbox inbox_;
  std::string out_;
  std::uint64_t handed_ = 0;       // of `most`
  std::uint64_t taken_ = 0;        // of these: acknowledged
  bool empty_ = false;             // there is no more, and none is waited for
  bool recovering_ = false;        // only what was acknowledged is of interest
  std::uint64_t recoverable_ = 1;  // of that, when this connection began
};

}  // namespace nigh::client
