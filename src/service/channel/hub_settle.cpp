// SPDX-License-Identifier: Apache-2.0
// What a Hub does once it has heard of everything that came: it commits, tells, and delivers.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "service/channel/hub.hpp"
#include "wire/reader.hpp"

namespace nigh::channel {
namespace {

// What is read ahead of the store.
constexpr std::size_t kPageMessages = 512;
constexpr std::size_t kPageBytes = 512 * 1024;

std::string delivery_head(std::string_view sender, std::uint64_t sequence, std::size_t size) {
  wire::Writer head;
  auto header = frame_header(Frame::delivery, kSenderId + 8 + size);
  head.bytes({header.data(), header.size()}).bytes(sender).u64(sequence);
  return std::move(head).str();
}

}  // namespace

void Hub::settle() {
  for (;;) {
    commit();
    while (!dirty_.empty()) {
      auto& channel = **dirty_.begin();
      dirty_.erase(dirty_.begin());
      dispatch(channel);
      forget_if_idle(channel);
    }
    if (doomed_.empty()) break;
    end_doomed();
  }
}

// ---- what was kept, and what was taken ---------------------------------------------------------

void Hub::commit() {
  batch_ = 0;
  Result<void> done;
  if (std::exchange(uncommitted_, false)) done = store_.commit();
  for (auto id : std::exchange(touched_, {})) {
    auto* client = find(id);
    if (client == nullptr) continue;
    client->touched = false;
    if (std::exchange(client->uses_store, false) && !done) {
      client->channel->reread_from(0);
      doom(*client, "store", done.error().message);
    } else {
      tell(*client);
    }
  }
}

void Hub::welcome(Client& client) {
  client.receivers_told = static_cast<std::uint32_t>(client.channel->receivers.size());
  wire::Writer text;
  text.u64(client.told).u32(client.receivers_told);
  host_.send(client.id, frame(Frame::welcome, text.str()), {});
}

void Hub::tell(Client& client) {
  if (!std::exchange(client.welcome, true)) welcome(client);
  if (client.receives()) {
    if (client.acknowledged == client.confirmed) return;
    client.confirmed = client.acknowledged;
    host_.send(client.id, number_frame(Frame::confirmed, client.confirmed), {});
    return;
  }
  auto taken = client.live ? client.live->taken : client.stored;
  if (taken <= client.told) return;
  client.told = taken;
  host_.send(client.id, number_frame(Frame::taken, taken), {});
}

void Hub::end_doomed() {
  for (auto id : std::exchange(doomed_, {})) {
    auto* client = find(id);
    if (client == nullptr) continue;
    nlohmann::json text{{"type", client->doom->type},
                        {"detail", client->doom->detail.substr(0, 1000)}};
    host_.send(
        id,
        frame(Frame::error, text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)),
        {});
    remove(*client);
    host_.close(id);
  }
}

void Hub::tell_of_receivers(ChannelState& channel) {
  const auto count = static_cast<std::uint32_t>(channel.receivers.size());
  for (auto* sender : channel.senders) {
    if (sender->doom || sender->opening.part == Part::keep_messages) continue;
    if (count == 0 && !sender->opening.wait)
      doom(*sender, "no-receiver", "nobody receives from this channel");
    else if ((count == 0) != (sender->receivers_told == 0))
      host_.send(sender->id, frame(Frame::receivers, wire::Writer().u32(count).str()), {});
    sender->receivers_told = count;
  }
}

// ---- deliveries --------------------------------------------------------------------------------

void Hub::dispatch(ChannelState& channel) {
  tell_of_receivers(channel);
  dispatch_streams(channel);
  while (auto* receiver = next_receiver(channel))
    if (!deliver_one(channel, *receiver)) break;
  say_empty(channel);
}

bool Hub::can_take(const Client& receiver) const {
  return !receiver.doom && !receiver.finished && receiver.partner == nullptr &&
         receiver.delivered < receiver.opening.most &&
         receiver.outstanding.size() < receiver.opening.window &&
         host_.queued(receiver.id) < kBacklog;
}

// The one whose turn it is among those that can take something.
Client* Hub::next_receiver(ChannelState& channel) {
  const auto count = channel.receivers.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto at = (channel.turn + i) % count;
    if (!can_take(*channel.receivers[at])) continue;
    channel.turn = at;
    return channel.receivers[at];
  }
  return nullptr;
}

void Hub::dispatch_streams(ChannelState& channel) {
  while (!channel.streams.empty()) {
    auto* sender = channel.streams.front();
    if (!sender->doom) {
      auto* receiver = next_receiver(channel);
      if (receiver == nullptr) return;
      begin_stream(*sender, *receiver);
    }
    channel.streams.pop_front();
  }
}

void Hub::begin_stream(Client& sender, Client& receiver) {
  sender.partner = &receiver;
  receiver.partner = &sender;
  ++receiver.channel->turn;
  if (!sender.held.empty()) {
    auto head = frame_header(Frame::piece, sender.held.size());
    host_.send(receiver.id, {head.data(), head.size()}, sender.held);
    sender.held = std::string();
  }
  if (sender.stream_complete) complete_stream(sender);
}

std::optional<Hub::Passage> Hub::passage(ConnectionId id) const {
  const auto* client = find(id);
  if (client == nullptr || client->doom || client->partner == nullptr || client->receives())
    return std::nullopt;
  return Passage{client->partner->id, client->decoder->passing()};
}

void Hub::passed(ConnectionId id, std::size_t count) {
  if (auto* client = find(id)) client->decoder->passed(count);
}

void Hub::complete_stream(Client& sender) {
  auto& receiver = *std::exchange(sender.partner, nullptr);
  receiver.partner = nullptr;
  ++receiver.delivered;
  receiver.outstanding.push_back({std::nullopt, 0, sender.id});
  host_.send(receiver.id, frame(Frame::complete, ""), {});
  dirty_.insert(receiver.channel);
}

// Is there a message of the store in the page?
bool Hub::load(ChannelState& channel) {
  for (;;) {
    while (!channel.page.empty() && channel.out.contains(channel.page.front().id))
      channel.page.pop_front();
    if (!channel.page.empty()) return true;
    if (!channel.more) return false;
    auto page = store_.next(channel.name, channel.cursor, kPageMessages, kPageBytes);
    if (!page) {
      for (auto* receiver : channel.receivers) doom(*receiver, "store", page.error().message);
      return false;
    }
    channel.more = !page->empty();
    if (page->empty()) return false;
    channel.cursor = page->back().id;
    for (auto& kept : *page)
      channel.page.push_back(
          {kept.id, std::move(kept.sender), kept.sequence, std::move(kept.bytes)});
  }
}

// False: there is nothing.
bool Hub::deliver_one(ChannelState& channel, Client& receiver) {
  if (load(channel)) {
    auto message = std::move(channel.page.front());
    channel.page.pop_front();
    channel.out.insert(message.id);
    host_.send(receiver.id, delivery_head(message.sender, message.sequence, message.bytes.size()),
               message.bytes);
    receiver.outstanding.push_back({std::nullopt, message.id, 0});
  } else if (!channel.queue.empty()) {
    auto& message = channel.queue.front();
    host_.send(receiver.id,
               delivery_head(message.sender->id, message.sequence, message.bytes.size()),
               message.bytes);
    receiver.outstanding.push_back({std::move(message), 0, 0});
    channel.queue.pop_front();
  } else {
    return false;
  }
  ++receiver.delivered;
  ++channel.turn;
  return true;
}

void Hub::say_empty(ChannelState& channel) {
  for (auto* receiver : channel.receivers) {
    if (receiver->opening.wait || !receiver->outstanding.empty() || !can_take(*receiver)) continue;
    receiver->finished = true;
    host_.send(receiver->id, frame(Frame::empty, ""), {});
  }
}

void Hub::forget_if_idle(ChannelState& channel) {
  if (!channel.senders.empty() || !channel.receivers.empty() || !channel.live.empty()) return;
  auto name = channel.name;
  channels_.erase(name);
}

// ---- facts -------------------------------------------------------------------------------------

Result<std::vector<ChannelFacts>> Hub::facts() {
  auto kept = store_.facts();
  if (!kept) return std::unexpected(kept.error());
  std::map<std::string, ChannelFacts> all;
  for (const auto& [name, channel] : channels_) {
    if (channel.senders.empty() && channel.receivers.empty()) continue;
    all[name] = {name, channel.senders.size(), channel.receivers.size(), 0, 0};
  }
  for (const auto& one : *kept) {
    auto& facts = all[one.channel];
    facts.name = one.channel;
    facts.kept = one.messages;
    facts.kept_bytes = one.bytes;
  }
  std::vector<ChannelFacts> list;
  for (auto& [name, facts] : all) list.push_back(std::move(facts));
  return list;
}

}  // namespace nigh::channel
