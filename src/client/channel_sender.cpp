// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/channel_ends.hpp"
#include "ssh/random.hpp"
#include "wire/reader.hpp"

namespace nigh::client {

using channel::Frame;
using channel::kFrameHeader;
using channel::Part;

ChannelSender::ChannelSender(std::shared_ptr<Connection> connection, std::string name,
                             ChannelSendOptions options)
    : ChannelCarrier(std::move(connection)), options_(std::move(options)) {
  if (!channel::is_channel_name(name))
    throw Failure(Errc::usage,
                  fmt::format("'{}' is not the name of a channel: 1 to 64 letters, digits, dots, "
                              "underscores and hyphens",
                              printable(name)));
  opening_.channel = std::move(name);
  opening_.wait = options_.wait;
  opening_.part = options_.stream ? Part::send_stream
                  : options_.keep ? Part::keep_messages
                                  : Part::send_messages;
  if (!options_.stream) opening_.sender = ssh::random_bytes(channel::kSenderId);
}

awaitable<void> ChannelSender::send(std::string_view bytes) {
  if (options_.stream) return send_piece(bytes);
  return send_all({bytes});
}

awaitable<void> ChannelSender::send(std::span<const std::string_view> messages) {
  return send_all({messages.begin(), messages.end()});
}

awaitable<void> ChannelSender::send_all(std::vector<std::string_view> messages) {
  expect(!options_.stream, "a stream has no messages");
  for (auto message : messages) {
    throw_failure();
    if (message.size() > channel::kMaxMessage)
      throw Failure(Errc::too_large,
                    fmt::format("a message has {} bytes, and {} at most may be sent: as a stream "
                                "there may be any number",
                                message.size(), channel::kMaxMessage));
    while (!outbox_.has_room()) {
      co_await wait();
      throw_failure();
    }
    outbox_.push(message);
    resume();
  }
}

awaitable<void> ChannelSender::send_piece(std::string_view bytes) {
  throw_failure();
  memory_ = bytes;
  resume();
  while (!memory_.empty()) {
    try {
      co_await wait();
      throw_failure();
    } catch (...) {
      memory_ = {};  // it will not be there any more
      throw;
    }
  }
}

awaitable<void> ChannelSender::finish_all() {
  end_due_ = options_.stream;
  resume();
  while (options_.stream ? !stream_taken_ : !outbox_.all_taken()) {
    throw_failure();
    co_await wait();
  }
  finish();
}

void ChannelSender::on_lost() {
  welcome_ = false;
  outbox_.lost();
  few_.clear();
}

Result<void> ChannelSender::on_frame(Frame type, std::string_view payload) {
  wire::Reader in(payload);
  if (type == Frame::welcome) return on_welcome(payload);
  if (type == Frame::receivers) {
    tell_receivers(in.u32());
    return {};
  }
  if (type != Frame::taken) return fail(Errc::malformed, "the server sends what is for receivers");
  if (!options_.stream) return outbox_.on_taken(in.u64());
  stream_taken_ = true;
  return {};
}

Result<void> ChannelSender::on_bytes(std::string_view) {
  return fail(Errc::malformed, "the server sends what is for receivers");
}

Result<void> ChannelSender::on_welcome(std::string_view payload) {
  wire::Reader in(payload);
  auto taken = in.u64();
  welcome_ = true;
  tell_receivers(in.u32());
  return options_.stream ? Result<void>() : outbox_.welcome(taken);
}

void ChannelSender::tell_receivers(std::uint32_t count) {
  if (options_.on_receivers) options_.on_receivers(count);
}

std::size_t ChannelSender::fill(std::span<char> into) {
  if (!options_.stream) return outbox_.fill(into);
  return welcome_ ? fill_stream(into) : 0;
}

std::size_t ChannelSender::fill_stream(std::span<char> into) {
  if (few_.empty() && !memory_.empty()) {
    began_ = true;
    const bool fits = into.size() > kFrameHeader;
    auto room = fits ? into.size() - kFrameHeader : std::size_t{1};
    auto piece = memory_.substr(0, std::min(room, channel::kMaxPiece));
    auto header = channel::frame_header(Frame::data, piece.size());
    memory_.remove_prefix(piece.size());
    if (memory_.empty()) changed();
    if (fits) {
      std::ranges::copy(header, into.begin());
      piece.copy(into.data() + kFrameHeader, piece.size());
      return kFrameHeader + piece.size();
    }
    few_.assign(header.data(), header.size()).append(piece);
  }
  if (few_.empty() && memory_.empty() && std::exchange(end_due_, false)) {
    began_ = true;
    few_ = channel::frame(Frame::end, "");
  }
  auto size = few_.copy(into.data(), into.size());
  few_.erase(0, size);
  return size;
}

}  // namespace nigh::client
