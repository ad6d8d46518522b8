// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/channel_ends.hpp"
#include "wire/reader.hpp"

namespace nigh::client {

using channel::Delivery;
using channel::Frame;

ChannelReceiver::ChannelReceiver(std::shared_ptr<Connection> connection, std::string name,
                                 ChannelReceiveOptions options)
    : ChannelCarrier(std::move(connection)), name_(std::move(name)), options_(options) {
  if (!channel::is_channel_name(name_))
    throw Failure(Errc::usage,
                  fmt::format("'{}' is not the name of a channel: 1 to 64 letters, digits, dots, "
                              "underscores and hyphens",
                              printable(name_)));
  options_.window = std::clamp<std::uint32_t>(options_.window, 1, channel::kMaxWindow);
}

channel::Opening ChannelReceiver::opening() const {
  channel::Opening opening{name_, channel::Part::receive};
  opening.wait = options_.wait && !recovering_;
  opening.window = options_.window;
  if (recovering_)
    opening.most = recoverable_;
  else if (options_.most != UINT64_MAX)
    opening.most = std::max<std::uint64_t>(options_.most - taken_ + inbox_.uncertain(), 1);
  return opening;
}

void ChannelReceiver::on_lost() {
  inbox_.lost();
  recoverable_ = std::max<std::uint64_t>(inbox_.uncertain(), 1);
  out_.clear();
}

Result<void> ChannelReceiver::on_frame(Frame type, std::string_view payload) {
  switch (type) {
    case Frame::welcome:
      inbox_.connected();
      return {};
    case Frame::delivery:
      return inbox_.on_delivery(payload);
    case Frame::complete:
      inbox_.on_complete();
      return {};
    case Frame::broken:
      inbox_.on_broken();
      return {};
    case Frame::confirmed:
      return inbox_.on_confirmed(wire::Reader(payload).u64());
    case Frame::empty:
      empty_ = true;
      return {};
    default:
      return fail(Errc::malformed, "the server sends what is for senders");
  }
}

Result<void> ChannelReceiver::on_bytes(std::string_view bytes) {
  inbox_.on_piece(bytes);
  return {};
}

std::optional<ChannelItem> ChannelReceiver::try_receive() {
  if (handed_ >= options_.most) return std::nullopt;
  auto delivery = inbox_.take();
  if (!delivery) return std::nullopt;
  take_more();
  if (delivery->kind == Delivery::Kind::broken)
    throw Failure(Errc::closed,
                  "a stream has broken off: its sender has left, or the connection "
                  "was lost");
  if (delivery->kind != Delivery::Kind::piece) ++handed_;
  return ChannelItem{static_cast<ChannelItem::Kind>(delivery->kind), std::move(delivery->bytes),
                     std::move(delivery->sender), delivery->sequence};
}

awaitable<std::optional<ChannelItem>> ChannelReceiver::receive() {
  for (;;) {
    if (auto item = try_receive()) co_return item;
    if (handed_ >= options_.most || empty_) co_return std::nullopt;
    throw_failure();
    co_await wait();
  }
}

void ChannelReceiver::acknowledge() {
  inbox_.acknowledge();
  taken_ = handed_;
  resume();
}

std::size_t ChannelReceiver::fill(std::span<char> into) {
  if (auto number = inbox_.take_ack()) out_ += channel::number_frame(Frame::ack, number);
  auto size = out_.copy(into.data(), into.size());
  out_.erase(0, size);
  return size;
}

// Of what was acknowledged, nothing can come again.
bool ChannelReceiver::is_certain() const {
  if (!inbox_.all_confirmed()) return false;
  if (!recovering_) return inbox_.uncertain() == 0;
  return inbox_.uncertain() == 0 || empty_ || inbox_.delivered() >= recoverable_;
}

// What may come again is waited for, and acknowledged once more; what else comes then is for
// others.
awaitable<void> ChannelReceiver::finish_all() {
  while (!is_certain()) {
    throw_failure();
    if (!recovering_ && inbox_.uncertain() > 0) {
      recovering_ = true;
      empty_ = false;
      reopen();
    }
    co_await wait();
  }
  finish();
}

}  // namespace nigh::client
