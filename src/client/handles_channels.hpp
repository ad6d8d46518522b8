// SPDX-License-Identifier: Apache-2.0
// What the public handles of channels hold. Used on the connection's executor only.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "client/channel_ends.hpp"
#include "client/handles.hpp"

namespace nigh::async::detail {

// Leaves the channel when the last handle on it goes, and keeps its connection.
template <class End>
class OpenChannel {
 public:
  OpenChannel(ConnectionHandle connection, std::shared_ptr<End> end)
      : connection_(std::move(connection)), end_(std::move(end)) {
    end_->start();
  }
  ~OpenChannel() { leave(); }
  OpenChannel(const OpenChannel&) = delete;
  OpenChannel& operator=(const OpenChannel&) = delete;

  void leave() { end_->end({Errc::cancelled, "the channel was left by its user"}); }
  const std::shared_ptr<End>& get() const { return end_; }

 private:
  ConnectionHandle connection_;
  std::shared_ptr<End> end_;
};

class ChannelOut : public OpenChannel<client::ChannelSender> {
  using OpenChannel::OpenChannel;
};
class ChannelIn : public OpenChannel<client::ChannelReceiver> {
  using OpenChannel::OpenChannel;
};

using ChannelOutHandle = std::shared_ptr<ChannelOut>;
using ChannelInHandle = std::shared_ptr<ChannelIn>;

// Errc::usage, thrown: the name is none.
ChannelOutHandle open_sender(const ConnectionHandle& connection, const std::string& name,
                             const ChannelSendOptions& options);
ChannelInHandle open_receiver(const ConnectionHandle& connection, const std::string& name,
                              const ChannelReceiveOptions& options);

awaitable<void> send(ChannelOutHandle channel, std::string_view bytes);
awaitable<void> send(ChannelOutHandle channel, std::span<const std::string_view> messages);
awaitable<void> finish(ChannelOutHandle channel);
awaitable<std::optional<ChannelItem>> receive(ChannelInHandle channel);
awaitable<void> finish(ChannelInHandle channel);

}  // namespace nigh::async::detail
