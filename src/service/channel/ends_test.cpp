// SPDX-License-Identifier: Apache-2.0
// Senders and receivers as clients have them, with a hub between them, while connections are cut
// and the hub is killed at random.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "service/channel/hub.hpp"
#include "service/channel/inbox.hpp"
#include "service/channel/memory_store_for_test.hpp"
#include "service/channel/outbox.hpp"
#include "wire/reader.hpp"

namespace nigh::channel {
namespace {

using for_test::MemoryStore;

struct World : HubHost {
  explicit World(unsigned seed) : random(seed) {}

  // What is on its way, in either direction.
  struct Wire {
    std::string up, down;
  };
  void send(ConnectionId id, std::string_view head, std::string_view payload) override {
    wires[id].down.append(head).append(payload);
  }
  std::size_t queued(ConnectionId id) const override {
    auto found = wires.find(id);
    return found == wires.end() ? 0 : found->second.down.size();
  }
  void close(ConnectionId) override {}

  struct Sender {
    std::string id;
    Part part;
    Outbox outbox;
    ConnectionId connection = 0;
    std::optional<FrameDecoder> decoder;
    std::uint64_t sent = 0;
  };
  struct Receiver {
    Inbox inbox;
    ConnectionId connection = 0;
    std::optional<FrameDecoder> decoder;
    std::map<std::string, int> got;
  };

  std::size_t pick(std::size_t below) { return random() % below; }

  void connect(Sender& sender) {
    Opening opening{"c", sender.part, sender.id};
    sender.connection = ++last;
    sender.decoder.emplace(
        FrameDecoder::Receiver::client,
        FrameDecoder::Handler{
            [&sender](Frame type, std::string_view payload) -> Result<void> {
              wire::Reader in(payload);
              if (type == Frame::welcome) return sender.outbox.welcome(in.u64());
              if (type == Frame::taken) return sender.outbox.on_taken(in.u64());
              return {};
            },
            [](std::string_view) -> Result<void> { return fail(Errc::malformed, "no stream"); }});
    hub->open(sender.connection, opening);
  }
  void connect(Receiver& receiver) {
    Opening opening{"c", Part::receive};
    opening.window = 1 + static_cast<std::uint32_t>(pick(5));
    receiver.connection = ++last;
    receiver.inbox.connected();
    receiver.decoder.emplace(
        FrameDecoder::Receiver::client,
        FrameDecoder::Handler{
            [&receiver](Frame type, std::string_view payload) -> Result<void> {
              if (type == Frame::delivery) return receiver.inbox.on_delivery(payload);
              if (type == Frame::confirmed)
                return receiver.inbox.on_confirmed(wire::Reader(payload).u64());
              return {};
            },
            [](std::string_view) -> Result<void> { return fail(Errc::malformed, "no stream"); }});
    hub->open(receiver.connection, opening);
  }
  void cut(Sender& sender) {
    hub->gone(std::exchange(sender.connection, 0));
    sender.outbox.lost();
  }
  void cut(Receiver& receiver) {
    hub->gone(std::exchange(receiver.connection, 0));
    receiver.inbox.lost();
  }
  void kill() {
    for (auto& sender : senders)
      if (sender.connection != 0) cut(sender);
    for (auto& receiver : receivers)
      if (receiver.connection != 0) cut(receiver);
    store.crash();
    hub.emplace(store, *this);
  }

  // A part of what is on its way arrives.
  void pass(ConnectionId id, std::optional<FrameDecoder>& decoder) {
    auto& [up, down] = wires[id];
    if (!up.empty() && hub->wants(id)) {
      auto size = 1 + pick(up.size());
      hub->feed(id, up.substr(0, size));
      up.erase(0, size);
    }
    if (down.empty()) return;
    auto size = 1 + pick(down.size());
    auto some = down.substr(0, size);
    down.erase(0, size);
    hub->drained(id);
    ASSERT_TRUE(decoder->feed(some));
  }

  void act(Sender& sender) {
    if (sender.connection == 0) return connect(sender);
    if (sender.sent < goal && sender.outbox.has_room())
      sender.outbox.push(fmt::format("{}{}", sender.id[0], ++sender.sent));
    char bytes[64];
    auto size = sender.outbox.fill({bytes, 1 + pick(sizeof bytes)});
    wires[sender.connection].up.append(bytes, size);
    pass(sender.connection, sender.decoder);
  }
  void act(Receiver& receiver) {
    if (receiver.connection == 0) return connect(receiver);
    if (pick(2) == 0)
      if (auto item = receiver.inbox.take()) ++receiver.got[item->bytes];
    if (pick(3) == 0) receiver.inbox.acknowledge();
    if (auto number = receiver.inbox.take_ack())
      wires[receiver.connection].up += number_frame(Frame::ack, number);
    pass(receiver.connection, receiver.decoder);
  }
  bool done() const {
    for (const auto& sender : senders)
      if (sender.sent < goal || !sender.outbox.all_taken()) return false;
    return store.size() == 0;
  }

  std::mt19937 random;
  MemoryStore store;
  std::optional<Hub> hub{std::in_place, store, *this};
  std::map<ConnectionId, Wire> wires;
  ConnectionId last = 0;
  std::uint64_t goal = 40;
  std::deque<Sender> senders;
  std::deque<Receiver> receivers;
};

TEST(EndsTest, NothingIsLostAndNobodyGetsAMessageTwiceWhateverIsCut) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    World world(seed);
    for (char name : {'a', 'b', 'c'})
      world.senders.push_back(
          {std::string(kSenderId, name), name == 'a' ? Part::send_messages : Part::keep_messages});
    world.receivers.resize(1 + seed % 3);
    for (int turn = 0; !world.done(); ++turn) {
      ASSERT_LT(turn, 200'000) << "seed " << seed;
      const bool calm = turn > 5'000;
      for (auto& sender : world.senders) world.act(sender);
      for (auto& receiver : world.receivers) world.act(receiver);
      world.hub->settle();
      if (!calm && world.pick(40) == 0) {
        auto& sender = world.senders[world.pick(3)];
        if (sender.connection != 0) world.cut(sender);
      }
      if (!calm && world.pick(40) == 0) {
        auto& receiver = world.receivers[world.pick(world.receivers.size())];
        if (receiver.connection != 0) world.cut(receiver);
      }
      if (!calm && world.pick(200) == 0) world.kill();
    }
    for (const auto& sender : world.senders)
      for (std::uint64_t i = 1; i <= world.goal; ++i) {
        auto text = fmt::format("{}{}", sender.id[0], i);
        int times = 0;
        for (const auto& receiver : world.receivers) {
          auto found = receiver.got.find(text);
          if (found == receiver.got.end()) continue;
          EXPECT_EQ(found->second, 1) << "seed " << seed << ": " << text << " came twice";
          ++times;
        }
        EXPECT_GE(times, 1) << "seed " << seed << ": " << text << " is lost";
      }
  }
}

}  // namespace
}  // namespace nigh::channel
