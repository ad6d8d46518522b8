// SPDX-License-Identifier: Apache-2.0
#include "service/channel/hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/reader.hpp"

namespace nigh::channel {
namespace {

// Senders that were lost, of which it is remembered what was taken.
constexpr std::size_t kMostLost = 1024;

std::unexpected<Error> bad(std::string what) { return fail(Errc::malformed, std::move(what)); }

}  // namespace

void LiveSender::take(std::uint64_t sequence) {
  if (sequence != taken + 1) {
    also.insert(sequence);
    return;
  }
  take_all(sequence);
}

void LiveSender::take_all(std::uint64_t up_to) {
  taken = std::max(taken, up_to);
  while (!also.empty() && *also.begin() <= taken + 1) {
    taken = std::max(taken, *also.begin());
    also.erase(also.begin());
  }
}

Client* Hub::find(ConnectionId id) const {
  auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : found->second.get();
}

void Hub::doom(Client& client, std::string type, std::string detail) {
  if (client.doom) return;
  client.doom = Doom{std::move(type), std::move(detail)};
  doomed_.push_back(client.id);
}

void Hub::touch(Client& client) {
  if (std::exchange(client.touched, true)) return;
  touched_.push_back(client.id);
}

// ---- the beginning -----------------------------------------------------------------------------

void Hub::open(ConnectionId id, Opening opening) {
  auto owned = std::make_unique<Client>();
  auto& client = *owned;
  client.id = id;
  auto& channel = channels_[opening.channel];
  channel.name = opening.channel;
  client.channel = &channel;
  client.opening = std::move(opening);
  client.decoder.emplace(
      FrameDecoder::Receiver::server,
      FrameDecoder::Handler{
          [this, &client](Frame type, std::string_view payload) {
            return on_frame(client, type, payload);
          },
          [this, &client](std::string_view bytes) { return on_bytes(client, bytes); }});
  clients_[id] = std::move(owned);
  (client.receives() ? channel.receivers : channel.senders).push_back(&client);
  dirty_.insert(&channel);
  greet(client);
}

void Hub::greet(Client& client) {
  auto& channel = *client.channel;
  if (client.opening.part == Part::send_stream) channel.streams.push_back(&client);
  if (client.opening.part == Part::send_messages) begin_live(client);
  if (client.opening.part == Part::keep_messages) {
    auto last = store_.last(channel.name, client.opening.sender);
    if (!last) return doom(client, "store", last.error().message);
    client.stored = client.told = *last;
    client.next = *last + 1;
    client.uses_store = uncommitted_;  // it may be told of that
  }
  touch(client);
}

void Hub::begin_live(Client& client) {
  auto& channel = *client.channel;
  auto live = channel.live[client.opening.sender];
  if (!live) live = std::make_shared<LiveSender>();
  if (auto* other = live->client) {
    doom(*other, "replaced", "the same sender has come on another connection");
    remove_sender(*other);
  }
  live->id = client.opening.sender;
  live->channel = &channel;
  channel.live[live->id] = live;
  std::erase(lost_, live);
  live->client = &client;
  live->with_one.clear();
  for (auto* receiver : channel.receivers)
    for (const auto& what : receiver->outstanding)
      if (what.live && what.live->sender == live) live->with_one.insert(what.live->sequence);
  client.live = live;
  client.told = live->taken;
  client.next = live->taken + 1;
}

// ---- what comes --------------------------------------------------------------------------------

bool Hub::wants(ConnectionId id) const {
  const auto* client = find(id);
  if (client == nullptr) return false;
  if (client->doom) return false;
  switch (client->opening.part) {
    case Part::send_stream:
      // What is kept for the receiver is copied once more, and it has enough in its socket.
      return client->partner != nullptr ? host_.queued(client->partner->id) == 0
                                        : client->held.empty();
    case Part::send_messages:
      return client->channel->live_bytes < kLiveBytes;
    case Part::keep_messages:
      return batch_ < kBatchBytes;
    case Part::receive:
      return true;
  }
  return true;
}

void Hub::feed(ConnectionId id, std::string_view bytes) {
  auto* client = find(id);
  if (client == nullptr || client->doom) return;
  if (auto fed = client->decoder->feed(bytes); !fed)
    doom(*client, fed.error().code == Errc::too_large ? "too-large" : "protocol",
         fed.error().message);
}

Result<void> Hub::on_frame(Client& client, Frame type, std::string_view payload) {
  if (client.doom) return {};
  switch (type) {
    case Frame::message:
      return on_message(client, payload);
    case Frame::end:
      return on_end(client);
    case Frame::ack:
      return on_ack(client, wire::Reader(payload).u64());
    default:
      return bad("that frame does not belong here");
  }
}

Result<void> Hub::on_message(Client& client, std::string_view payload) {
  wire::Reader in(payload);
  auto sequence = in.u64();
  const bool keeps = client.opening.part == Part::keep_messages;
  if (!keeps && client.opening.part != Part::send_messages)
    return bad("only who sends messages sends a message");
  // What was taken need not be remembered for ever here: its sender knows, and begins behind it.
  if (!std::exchange(client.began, true) && sequence > client.next) {
    client.next = sequence;
    client.told = sequence - 1;
    if (client.live) client.live->take_all(sequence - 1);
  }
  if (sequence != client.next || sequence == UINT64_MAX)
    return bad(fmt::format("message {} comes where {} is next", sequence, client.next));
  ++client.next;
  if (keeps) {
    keep(client, sequence, in.rest());
    return {};
  }
  if (client.live->has(sequence)) return {};
  auto& channel = *client.channel;
  auto& message = channel.queue.emplace_back(client.live, sequence, std::string(in.rest()));
  channel.live_bytes += message.cost();
  dirty_.insert(&channel);
  return {};
}

void Hub::keep(Client& client, std::uint64_t sequence, std::string_view bytes) {
  auto& channel = *client.channel;
  auto stored = store_.append(channel.name, client.opening.sender, sequence, bytes);
  if (!stored)
    return doom(client, stored.error().code == Errc::too_large ? "quota" : "store",
                stored.error().message);
  client.stored = sequence;
  client.uses_store = uncommitted_ = channel.more = true;
  batch_ += bytes.size();
  touch(client);
  dirty_.insert(&channel);
}

Result<void> Hub::on_bytes(Client& client, std::string_view bytes) {
  if (client.doom) return {};
  if (client.opening.part != Part::send_stream || client.stream_complete)
    return bad("there is no stream to which these bytes belong");
  if (client.partner == nullptr) {
    client.held += bytes;
    return {};
  }
  auto head = frame_header(Frame::piece, bytes.size());
  host_.send(client.partner->id, {head.data(), head.size()}, bytes);
  return {};
}

Result<void> Hub::on_end(Client& client) {
  if (client.opening.part != Part::send_stream || client.stream_complete)
    return bad("there is no stream that could end");
  client.stream_complete = true;
  if (client.partner != nullptr) complete_stream(client);
  return {};
}

// ---- acknowledgements --------------------------------------------------------------------------

Result<void> Hub::on_ack(Client& client, std::uint64_t number) {
  if (!client.receives() || number > client.delivered || number < client.acknowledged)
    return bad(fmt::format("delivery {} is acknowledged, which is none", number));
  for (; client.acknowledged < number; ++client.acknowledged) {
    was_taken(client, client.outstanding.front());
    client.outstanding.pop_front();
  }
  touch(client);
  dirty_.insert(client.channel);
  return {};
}

void Hub::was_taken(Client& receiver, Outstanding& what) {
  auto& channel = *receiver.channel;
  if (what.live) {
    channel.live_bytes -= what.live->cost();
    what.live->sender->take(what.live->sequence);
    if (auto* sender = what.live->sender->client) touch(*sender);
  } else if (what.stream != 0) {
    if (auto* sender = find(what.stream)) {
      sender->stored = 1;
      touch(*sender);
    }
  } else {
    channel.out.erase(what.kept);
    receiver.uses_store = uncommitted_ = true;
    if (auto removed = store_.remove(channel.name, what.kept); !removed)
      doom(receiver, "store", removed.error().message);
  }
}

// ---- the end -----------------------------------------------------------------------------------

void Hub::gone(ConnectionId id) {
  if (auto* client = find(id)) remove(*client);
}

void Hub::drained(ConnectionId id) {
  if (auto* client = find(id)) dirty_.insert(client->channel);
}

void Hub::remove(Client& client) {
  auto& channel = *client.channel;
  if (client.receives())
    remove_receiver(client);
  else
    remove_sender(client);
  dirty_.insert(&channel);
  clients_.erase(client.id);
}

// What of a live sender nobody has goes with it: it sends it again if it comes back.
void Hub::remove_sender(Client& client) {
  auto& channel = *client.channel;
  std::erase(channel.senders, &client);
  std::erase(channel.streams, &client);
  if (auto* receiver = std::exchange(client.partner, nullptr)) {
    receiver->partner = nullptr;
    host_.send(receiver->id, frame(Frame::broken, ""), {});
  }
  auto live = std::exchange(client.live, nullptr);
  if (!live) return;
  live->client = nullptr;
  std::erase_if(channel.queue, [&](const LiveMessage& message) {
    if (message.sender != live) return false;
    channel.live_bytes -= message.cost();
    return true;
  });
  lost_.push_back(std::move(live));
  if (lost_.size() <= kMostLost) return;
  auto oldest = std::move(lost_.front());
  lost_.pop_front();
  oldest->channel->live.erase(oldest->id);
  dirty_.insert(oldest->channel);
}

// What a receiver has not acknowledged is for others, before all else.
void Hub::remove_receiver(Client& client) {
  auto& channel = *client.channel;
  std::erase(channel.receivers, &client);
  if (auto* sender = std::exchange(client.partner, nullptr)) {
    sender->partner = nullptr;
    doom(*sender, "receiver-lost", "the receiver is gone before it had all of the stream");
  }
  while (!client.outstanding.empty()) {
    auto what = std::move(client.outstanding.back());
    client.outstanding.pop_back();
    if (what.kept != 0) {
      channel.out.erase(what.kept);
      channel.reread_from(what.kept);
    } else if (what.live && what.live->sender->client != nullptr) {
      channel.queue.push_front(*std::move(what.live));
    } else if (what.live) {
      channel.live_bytes -= what.live->cost();
    } else if (auto* sender = find(what.stream)) {
      doom(*sender, "receiver-lost", "the receiver is gone before it had acknowledged the stream");
    }
  }
}

}  // namespace nigh::channel
