// SPDX-License-Identifier: Apache-2.0
#include "service/channel/hub.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "service/channel/memory_store_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::channel {
namespace {

using for_test::MemoryStore;

// A hub, and what everybody has heard: "welcome 0 1", "delivery a/1 text", …
struct Desk : HubHost {
  void send(ConnectionId id, std::string_view head, std::string_view payload) override {
    ASSERT_FALSE(closed.contains(id)) << "it was closed";
    auto& peer = peers[id];
    if (!peer) peer.emplace(FrameDecoder::Receiver::client, handler(id));
    ASSERT_TRUE(peer->feed(head));
    ASSERT_TRUE(peer->feed(payload));
  }
  FrameDecoder::Handler handler(ConnectionId id) {
    return {[this, id](Frame type, std::string_view payload) -> Result<void> {
              said[id].push_back(text(type, payload));
              return {};
            },
            [this, id](std::string_view bytes) -> Result<void> {
              said[id].push_back("piece " + std::string(bytes));
              return {};
            }};
  }
  static std::string text(Frame type, std::string_view payload) {
    wire::Reader in(payload);
    switch (type) {
      case Frame::welcome: {
        auto taken = in.u64();
        return fmt::format("welcome {} {}", taken, in.u32());
      }
      case Frame::delivery: {
        auto sender = in.bytes(kSenderId);
        auto sequence = in.u64();
        return fmt::format("{}{} {}", sender[0], sequence, in.rest());
      }
      case Frame::complete:
        return "complete";
      case Frame::broken:
        return "broken";
      case Frame::taken:
        return fmt::format("taken {}", in.u64());
      case Frame::confirmed:
        return fmt::format("confirmed {}", in.u64());
      case Frame::receivers:
        return fmt::format("receivers {}", in.u32());
      case Frame::empty:
        return "empty";
      default:
        return fmt::format("error {}", payload.substr(payload.find("\"type\"") + 8));
    }
  }
  std::size_t queued(ConnectionId id) const override {
    auto found = backlog.find(id);
    return found == backlog.end() ? 0 : found->second;
  }
  void close(ConnectionId id) override { closed.insert(id); }

  ConnectionId open(Part part, char sender = 0, bool wait = true) {
    Opening opening{"jobs", part, sender != 0 ? std::string(kSenderId, sender) : "", wait};
    opening.window = window;
    opening.most = most;
    hub->open(++last, opening);
    hub->settle();
    return last;
  }
  void message(ConnectionId id, std::uint64_t sequence, const std::string& bytes) {
    say(id, frame(Frame::message, wire::Writer().u64(sequence).bytes(bytes).str()));
  }
  void say(ConnectionId id, const std::string& bytes) {
    hub->feed(id, bytes);
    hub->settle();
  }
  void ack(ConnectionId id, std::uint64_t number) { say(id, number_frame(Frame::ack, number)); }
  void leave(ConnectionId id) {
    hub->gone(id);
    hub->settle();
  }
  using Lines = std::vector<std::string>;
  Lines heard(ConnectionId id) { return std::exchange(said[id], {}); }
  void restart() {
    store.crash();
    hub.emplace(store, *this);
  }

  MemoryStore store;
  std::optional<Hub> hub{std::in_place, store, *this};
  std::map<ConnectionId, std::optional<FrameDecoder>> peers;
  std::map<ConnectionId, Lines> said;
  std::map<ConnectionId, std::size_t> backlog;
  std::set<ConnectionId> closed;
  ConnectionId last = 0;
  std::uint32_t window = 100;
  std::uint64_t most = UINT64_MAX;
};

using Lines = Desk::Lines;

TEST(HubTest, AMessageGoesToAReceiverAndItsAcknowledgementToTheSender) {
  Desk desk;
  auto sender = desk.open(Part::send_messages, 'a');
  EXPECT_EQ(desk.heard(sender), Lines{"welcome 0 0"});
  desk.message(sender, 1, "x");
  EXPECT_EQ(desk.heard(sender), Lines{});
  auto receiver = desk.open(Part::receive);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "a1 x"}));
  EXPECT_EQ(desk.heard(sender), Lines{"receivers 1"});
  desk.ack(receiver, 1);
  EXPECT_EQ(desk.heard(sender), Lines{"taken 1"});
  EXPECT_EQ(desk.heard(receiver), Lines{"confirmed 1"});
  desk.leave(receiver);
  EXPECT_EQ(desk.heard(sender), Lines{"receivers 0"});
}

TEST(HubTest, ReceiversShareFairlyAndNoOneHasMoreThanItsWindow) {
  Desk desk;
  desk.window = 2;
  auto one = desk.open(Part::receive), two = desk.open(Part::receive);
  auto sender = desk.open(Part::send_messages, 'a');
  for (unsigned i = 1; i <= 6; ++i) desk.message(sender, i, "");
  EXPECT_EQ(desk.heard(one), (Lines{"welcome 0 1", "a1 ", "a3 "}));
  EXPECT_EQ(desk.heard(two), (Lines{"welcome 0 2", "a2 ", "a4 "}));
  desk.ack(two, 1);
  EXPECT_EQ(desk.heard(two), (Lines{"confirmed 1", "a5 "}));
  EXPECT_EQ(desk.heard(sender), Lines{"welcome 0 2"}) << "the first is not taken";
  desk.ack(one, 2);
  EXPECT_EQ(desk.heard(sender), Lines{"taken 3"});
}

TEST(HubTest, WhatAReceiverHasNotAcknowledgedGoesToAnotherFirst) {
  Desk desk;
  auto one = desk.open(Part::receive);
  auto sender = desk.open(Part::send_messages, 'a');
  for (unsigned i = 1; i <= 3; ++i) desk.message(sender, i, "");
  desk.ack(one, 1);
  desk.leave(one);
  desk.message(sender, 4, "");
  auto two = desk.open(Part::receive);
  EXPECT_EQ(desk.heard(two), (Lines{"welcome 0 1", "a2 ", "a3 ", "a4 "}));
}

TEST(HubTest, ASenderThatComesBackIsToldWhatWasTakenAndNothingIsDoubled) {
  Desk desk;
  desk.window = 2;
  auto receiver = desk.open(Part::receive);
  auto sender = desk.open(Part::send_messages, 'a');
  for (unsigned i = 1; i <= 4; ++i) desk.message(sender, i, "");
  desk.leave(sender);
  desk.ack(receiver, 1);
  sender = desk.open(Part::send_messages, 'a');
  EXPECT_EQ(desk.heard(sender), Lines{"welcome 1 1"});
  for (unsigned i = 2; i <= 4; ++i) desk.message(sender, i, "");
  desk.ack(receiver, 2);
  desk.ack(receiver, 4);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "a1 ", "a2 ", "confirmed 1", "a3 ",
                                         "confirmed 2", "a4 ", "confirmed 4"}));
  EXPECT_EQ(desk.heard(sender), (Lines{"taken 2", "taken 4"}));
}

TEST(HubTest, WhoseSenderIsGoneIsGone) {
  Desk desk;
  auto sender = desk.open(Part::send_messages, 'a');
  desk.message(sender, 1, "x");
  desk.leave(sender);
  auto receiver = desk.open(Part::receive, 0, false);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "empty"}));
}

TEST(HubTest, TheSameSenderTwiceIsTheSecond) {
  Desk desk;
  auto first = desk.open(Part::send_messages, 'a');
  desk.message(first, 1, "x");
  auto second = desk.open(Part::send_messages, 'a');
  EXPECT_TRUE(desk.closed.contains(first));
  desk.message(second, 1, "x");
  auto receiver = desk.open(Part::receive);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "a1 x"}));
}

TEST(HubTest, ASenderMayBeginBehindWhatTheServerHasForgotten) {
  Desk desk;
  auto sender = desk.open(Part::send_messages, 'a');
  auto receiver = desk.open(Part::receive);
  desk.message(sender, 501, "x");
  desk.ack(receiver, 1);
  EXPECT_EQ(desk.heard(sender), (Lines{"welcome 0 0", "receivers 1", "taken 501"}));
  desk.message(sender, 503, "x");
  EXPECT_TRUE(desk.closed.contains(sender)) << "but not leave one out";
}

TEST(HubTest, AFullChannelHoldsItsSendersBack) {
  Desk desk;
  auto sender = desk.open(Part::send_messages, 'a');
  desk.message(sender, 1, std::string(kMaxMessage, 'x'));
  EXPECT_FALSE(desk.hub->wants(sender));
  auto receiver = desk.open(Part::receive);
  EXPECT_FALSE(desk.hub->wants(sender)) << "it may be needed again";
  desk.ack(receiver, 1);
  EXPECT_TRUE(desk.hub->wants(sender));
}

TEST(HubTest, AReceiverThatDoesNotReadIsGivenNoMore) {
  Desk desk;
  auto receiver = desk.open(Part::receive);
  auto sender = desk.open(Part::send_messages, 'a');
  desk.backlog[receiver] = Hub::kBacklog;
  desk.message(sender, 1, "x");
  EXPECT_EQ(desk.heard(receiver), Lines{"welcome 0 1"});
  desk.backlog[receiver] = 0;
  desk.hub->drained(receiver);
  desk.hub->settle();
  EXPECT_EQ(desk.heard(receiver), Lines{"a1 x"});
}

TEST(HubTest, AStreamGoesToOneReceiver) {
  Desk desk;
  auto sender = desk.open(Part::send_stream);
  desk.say(sender, frame(Frame::data, "ab"));
  EXPECT_FALSE(desk.hub->wants(sender));
  auto one = desk.open(Part::receive), two = desk.open(Part::receive);
  EXPECT_TRUE(desk.hub->wants(sender));
  desk.say(sender, frame(Frame::data, "cd") + frame(Frame::end, ""));
  EXPECT_EQ(desk.heard(one), (Lines{"welcome 0 1", "piece ab", "piece cd", "complete"}));
  EXPECT_EQ(desk.heard(two), Lines{"welcome 0 2"});
  desk.ack(one, 1);
  EXPECT_EQ(desk.heard(sender), (Lines{"welcome 0 0", "receivers 1", "taken 1"}));
}

TEST(HubTest, WhatIsInAFrameOfAStreamMayPassBesideIt) {
  Desk desk;
  auto sender = desk.open(Part::send_stream);
  EXPECT_FALSE(desk.hub->passage(sender)) << "nobody receives";
  auto receiver = desk.open(Part::receive);
  ASSERT_TRUE(desk.hub->passage(sender));
  EXPECT_EQ(desk.hub->passage(sender)->to, receiver);
  EXPECT_EQ(desk.hub->passage(sender)->bytes, 0u) << "a header is next";
  EXPECT_FALSE(desk.hub->passage(receiver));
  desk.heard(receiver);
  auto data = frame(Frame::data, "0123456789");
  desk.say(sender, data.substr(0, kFrameHeader + 2));
  EXPECT_EQ(desk.hub->passage(sender)->bytes, 8u);
  desk.hub->passed(sender, 5);
  EXPECT_EQ(desk.hub->passage(sender)->bytes, 3u);
  desk.say(sender, "789" + frame(Frame::data, "ab"));
  EXPECT_EQ(desk.hub->passage(sender)->bytes, 0u);
  desk.say(sender, data.substr(0, kFrameHeader));
  desk.hub->passed(sender, 10);
  EXPECT_EQ(desk.hub->passage(sender)->bytes, 0u);
  desk.say(sender, frame(Frame::end, ""));
  EXPECT_FALSE(desk.hub->passage(sender)) << "it is complete";
  EXPECT_EQ(desk.heard(receiver), (Lines{"piece 01", "piece 789", "piece ab", "complete"}));
}

TEST(HubTest, TwoStreamsGoToTwoReceiversOrOneAfterTheOther) {
  Desk desk;
  auto first = desk.open(Part::send_stream), second = desk.open(Part::send_stream);
  auto one = desk.open(Part::receive);
  desk.say(second, frame(Frame::data, "2"));
  desk.say(first, frame(Frame::data, "1") + frame(Frame::end, ""));
  EXPECT_EQ(desk.heard(one), (Lines{"welcome 0 1", "piece 1", "complete", "piece 2"}));
  auto third = desk.open(Part::send_stream);
  desk.say(third, frame(Frame::data, "3"));
  auto two = desk.open(Part::receive);
  EXPECT_EQ(desk.heard(two), (Lines{"welcome 0 2", "piece 3"}));
}

TEST(HubTest, AStreamThatBreaksIsSaidToTheOtherEnd) {
  Desk desk;
  auto receiver = desk.open(Part::receive);
  auto sender = desk.open(Part::send_stream);
  desk.say(sender, frame(Frame::data, "ab"));
  desk.leave(sender);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "piece ab", "broken"}));
  for (bool complete : {false, true}) {
    sender = desk.open(Part::send_stream);
    desk.say(sender, frame(Frame::data, "cd"));
    if (complete) desk.say(sender, frame(Frame::end, ""));
    desk.leave(receiver);
    EXPECT_EQ(desk.heard(sender).at(1), "error receiver-lost\"}");
    EXPECT_TRUE(desk.closed.contains(sender));
    receiver = desk.open(Part::receive);
  }
}

TEST(HubTest, WhoDoesNotWaitIsToldThatNobodyReceives) {
  Desk desk;
  auto sender = desk.open(Part::send_messages, 'a', false);
  EXPECT_EQ(desk.heard(sender), (Lines{"welcome 0 0", "error no-receiver\"}"}));
  auto receiver = desk.open(Part::receive);
  sender = desk.open(Part::send_stream, 0, false);
  EXPECT_EQ(desk.heard(sender), Lines{"welcome 0 1"});
  desk.leave(receiver);
  EXPECT_TRUE(desk.closed.contains(sender));
}

TEST(HubTest, WhoDoesNotWaitGetsWhatIsThere) {
  Desk desk;
  auto sender = desk.open(Part::send_messages, 'a');
  desk.message(sender, 1, "x");
  auto receiver = desk.open(Part::receive, 0, false);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "a1 x"}));
  desk.ack(receiver, 1);
  desk.message(sender, 2, "y");
  EXPECT_EQ(desk.heard(receiver), (Lines{"confirmed 1", "empty"}));
}

TEST(HubTest, AReceiverGetsNoMoreThanItWants) {
  Desk desk;
  desk.most = 1;
  auto receiver = desk.open(Part::receive);
  auto sender = desk.open(Part::send_messages, 'a');
  desk.message(sender, 1, "x");
  desk.message(sender, 2, "y");
  desk.ack(receiver, 1);
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "a1 x", "confirmed 1"}));
}

// ---- kept --------------------------------------------------------------------------------------

TEST(HubTest, AKeptMessageIsTakenByTheStoreAndRemovedByItsReceiver) {
  Desk desk;
  auto sender = desk.open(Part::keep_messages, 'a');
  desk.message(sender, 1, "x");
  desk.message(sender, 2, "y");
  EXPECT_EQ(desk.heard(sender), (Lines{"welcome 0 0", "taken 1", "taken 2"}));
  desk.leave(sender);
  desk.restart();
  auto one = desk.open(Part::receive);
  EXPECT_EQ(desk.heard(one), (Lines{"welcome 0 1", "a1 x", "a2 y"}));
  desk.ack(one, 1);
  EXPECT_EQ(desk.heard(one), Lines{"confirmed 1"});
  EXPECT_EQ(desk.store.size(), 1u);
  auto two = desk.open(Part::receive);
  desk.leave(one);
  EXPECT_EQ(desk.heard(two), (Lines{"welcome 0 2", "a2 y"}));
  desk.ack(two, 1);
  EXPECT_EQ(desk.store.size(), 0u);
  desk.restart();
  EXPECT_EQ(desk.heard(desk.open(Part::receive, 0, false)), (Lines{"welcome 0 1", "empty"}));
}

TEST(HubTest, ASenderThatSendsAKeptMessageAgainDoesNotDoubleIt) {
  Desk desk;
  auto sender = desk.open(Part::keep_messages, 'a');
  desk.message(sender, 1, "x");
  desk.restart();
  sender = desk.open(Part::keep_messages, 'a');
  EXPECT_EQ(desk.heard(sender), Lines{"welcome 1 0"});
  desk.message(sender, 2, "y");
  EXPECT_EQ(desk.store.size(), 2u);
}

TEST(HubTest, AQuotaIsSaidAfterWhatWasTaken) {
  Desk desk;
  desk.store.quota = 1;
  auto sender = desk.open(Part::keep_messages, 'a');
  desk.say(sender, frame(Frame::message, wire::Writer().u64(1).bytes("x").str()) +
                       frame(Frame::message, wire::Writer().u64(2).bytes("y").str()));
  EXPECT_EQ(desk.heard(sender), (Lines{"welcome 0 0", "taken 1", "error quota\"}"}));
  EXPECT_TRUE(desk.closed.contains(sender));
}

TEST(HubTest, WhatCannotBeCommittedIsNotSaidToBe) {
  Desk desk;
  auto keeps = desk.open(Part::keep_messages, 'a');
  auto sends = desk.open(Part::send_messages, 'b');
  desk.store.fails = true;
  desk.message(keeps, 1, "x");
  EXPECT_EQ(desk.heard(keeps), (Lines{"welcome 0 0", "error store\"}"}));
  desk.store.fails = false;
  auto receiver = desk.open(Part::receive);
  desk.message(sends, 1, "y");
  EXPECT_EQ(desk.heard(receiver), (Lines{"welcome 0 1", "b1 y"}));
}

TEST(HubTest, FactsAreOfWhoIsThereAndOfWhatIsKept) {
  Desk desk;
  auto sender = desk.open(Part::keep_messages, 'a');
  desk.message(sender, 1, "four");
  desk.open(Part::receive);
  auto facts = unwrap(desk.hub->facts());
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].name, "jobs");
  EXPECT_EQ(facts[0].senders, 1u);
  EXPECT_EQ(facts[0].receivers, 1u);
  EXPECT_EQ(facts[0].kept, 1u);
  EXPECT_EQ(facts[0].kept_bytes, 4u);
}

// ---- strangers ---------------------------------------------------------------------------------

TEST(HubTest, WhatDoesNotBelongIsAnError) {
  const std::string bad[] = {frame(Frame::end, ""),
                             number_frame(Frame::ack, 1),
                             frame(Frame::data, "x"),
                             frame(Frame::empty, ""),
                             std::string("\x01\x7f\xff\xff\xff", 5),
                             std::string("\x04\0\0\0\1x", 6)};
  for (const auto& bytes : bad) {
    Desk desk;
    auto sender = desk.open(Part::send_messages, 'a');
    desk.say(sender, bytes);
    EXPECT_TRUE(desk.closed.contains(sender));
  }
  Desk desk;
  auto receiver = desk.open(Part::receive);
  desk.ack(receiver, 1);
  EXPECT_TRUE(desk.closed.contains(receiver));
}

}  // namespace
}  // namespace nigh::channel
