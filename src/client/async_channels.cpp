// SPDX-License-Identifier: Apache-2.0
// <nigh/async.hpp>: channels. As in async.cpp, no member is a coroutine.
#include <nigh/async.hpp>

#include "client/handles_channels.hpp"

namespace nigh::async {
namespace detail {

ChannelOutHandle open_sender(const ConnectionHandle& connection, const std::string& name,
                             const ChannelSendOptions& options) {
  return std::make_shared<ChannelOut>(
      connection, std::make_shared<client::ChannelSender>(connection->get(), name, options));
}

ChannelInHandle open_receiver(const ConnectionHandle& connection, const std::string& name,
                              const ChannelReceiveOptions& options) {
  return std::make_shared<ChannelIn>(
      connection, std::make_shared<client::ChannelReceiver>(connection->get(), name, options));
}

awaitable<void> send(ChannelOutHandle channel, std::string_view bytes) {
  co_await channel->get()->send(bytes);
}

awaitable<void> send(ChannelOutHandle channel, std::span<const std::string_view> messages) {
  co_await channel->get()->send(messages);
}

awaitable<void> finish(ChannelOutHandle channel) { co_await channel->get()->finish_all(); }

awaitable<std::optional<ChannelItem>> receive(ChannelInHandle channel) {
  co_return co_await channel->get()->receive();
}

awaitable<void> finish(ChannelInHandle channel) { co_await channel->get()->finish_all(); }

}  // namespace detail

ChannelSender::ChannelSender() = default;
ChannelSender::ChannelSender(std::shared_ptr<detail::ChannelOut> channel)
    : channel_(std::move(channel)) {}
ChannelSender::ChannelSender(ChannelSender&&) noexcept = default;
ChannelSender& ChannelSender::operator=(ChannelSender&& other) noexcept {
  if (this == &other) return *this;
  if (channel_) channel_->leave();
  channel_ = std::move(other.channel_);
  return *this;
}
ChannelSender::~ChannelSender() {
  if (channel_) channel_->leave();  // also what is under way and holds it
}
awaitable<void> ChannelSender::send(std::string_view bytes) {
  return detail::send(channel_, bytes);
}
awaitable<void> ChannelSender::send(std::span<const std::string_view> messages) {
  return detail::send(channel_, messages);
}
awaitable<void> ChannelSender::finish() { return detail::finish(channel_); }

ChannelReceiver::ChannelReceiver() = default;
ChannelReceiver::ChannelReceiver(std::shared_ptr<detail::ChannelIn> channel)
    : channel_(std::move(channel)) {}
ChannelReceiver::ChannelReceiver(ChannelReceiver&&) noexcept = default;
ChannelReceiver& ChannelReceiver::operator=(ChannelReceiver&& other) noexcept {
  if (this == &other) return *this;
  if (channel_) channel_->leave();
  channel_ = std::move(other.channel_);
  return *this;
}
ChannelReceiver::~ChannelReceiver() {
  if (channel_) channel_->leave();
}
awaitable<std::optional<ChannelItem>> ChannelReceiver::receive() {
  return detail::receive(channel_);
}
std::optional<ChannelItem> ChannelReceiver::try_receive() { return channel_->get()->try_receive(); }
void ChannelReceiver::acknowledge() { channel_->get()->acknowledge(); }
awaitable<void> ChannelReceiver::finish() { return detail::finish(channel_); }

ChannelSender NamedChannel::sender(ChannelSendOptions options) const {
  return ChannelSender(detail::open_sender(connection_, name_, options));
}
ChannelReceiver NamedChannel::receiver(ChannelReceiveOptions options) const {
  return ChannelReceiver(detail::open_receiver(connection_, name_, options));
}

}  // namespace nigh::async
