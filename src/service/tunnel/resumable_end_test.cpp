// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/resumable_end.hpp"

#include <gtest/gtest.h>

#include <random>

namespace nigh::tunnel {
namespace {

struct Side : ResumableTaker {
  explicit Side(std::size_t capacity = ResumableEnd::kCapacity) : end(capacity) {}
  void on_bytes(std::string_view piece) override {
    EXPECT_FALSE(ended);
    heard += piece;
  }
  void on_end() override {
    EXPECT_FALSE(ended);
    ended = true;
  }
  std::string fill(std::size_t size = 4096) {
    std::string text(size, '?');
    text.resize(end.fill(text));
    return text;
  }
  // What is read straight into what is sent.
  std::string pass(std::string_view text, std::size_t size = 4096) {
    std::string frames(size, '?');
    auto used = end.fill(frames);
    auto into = std::span(frames).subspan(used);
    auto room = end.room_in(into);
    EXPECT_GE(room.size(), text.size());
    text.copy(room.data(), room.size());
    used += end.pass(into, text.size());
    used += end.fill(std::span(frames).subspan(used));
    frames.resize(used);
    return frames;
  }
  void say(std::string_view text) { EXPECT_EQ(end.append(text), text.size()); }

  ResumableEnd end;
  std::string heard;
  bool ended = false;
};

void expect_passes(Side& from, Side& to) {
  while (from.end.has_output()) {
    auto taken = to.end.receive(from.fill(), to);
    ASSERT_TRUE(taken) << taken.error().message;
  }
}

void meet(Side& one, Side& other) {
  auto had = one.end.received();
  ASSERT_TRUE(one.end.go_on(other.end.received()));
  ASSERT_TRUE(other.end.go_on(had));
}

TEST(ResumableEndTest, BytesAndEndsCrossAndAreAcknowledged) {
  Side here, there;
  here.say("hello");
  expect_passes(here, there);
  EXPECT_EQ(there.heard, "hello");
  EXPECT_EQ(here.end.kept(), 5u);
  EXPECT_FALSE(there.end.has_output());
  there.end.ack_now();
  expect_passes(there, here);
  EXPECT_EQ(here.end.kept(), 0u);

  here.end.end();
  expect_passes(here, there);
  EXPECT_TRUE(there.ended);
  there.say("bye");
  there.end.end();
  expect_passes(there, here);
  EXPECT_EQ(here.heard, "bye");
  EXPECT_TRUE(here.end.is_complete());
  expect_passes(here, there);
  EXPECT_TRUE(there.end.is_complete());
}

TEST(ResumableEndTest, WhatIsSentTakesItsAcknowledgementWithIt) {
  Side here, there;
  here.say("question");
  expect_passes(here, there);
  there.say("answer");
  expect_passes(there, here);
  EXPECT_EQ(here.end.kept(), 0u);
}

TEST(ResumableEndTest, WhatIsReadWhereItIsSentFromIsKeptToo) {
  Side here, there;
  there.say("question");
  expect_passes(there, here);
  for (std::size_t size : {4096u, 1023u, 30u}) {  // large enough for the bytes, or too small
    auto frames = here.pass("answer", size);
    ASSERT_TRUE(there.end.receive(frames, there));
    expect_passes(here, there);
  }
  EXPECT_EQ(there.heard, "answeranswer" + std::string("answer"));
  EXPECT_EQ(there.end.kept(), 0u);
  EXPECT_EQ(here.end.kept(), 18u);
  there.heard.clear();
  ASSERT_TRUE(here.end.go_on(6));
  expect_passes(here, there);
  EXPECT_EQ(there.heard, "answeranswer");
}

TEST(ResumableEndTest, ReadsNoMoreThanItMayKeep) {
  Side here(10);
  std::string frames(4096, '?');
  EXPECT_EQ(here.end.room_in(frames).size(), 10u);
  (void)here.pass("0123456789");
  EXPECT_TRUE(here.end.room_in(frames).empty());
  EXPECT_TRUE(here.end.room_in(std::span(frames).first(3)).empty());
  ASSERT_TRUE(here.end.go_on(10));
  EXPECT_EQ(here.end.room_in(frames).size(), 10u);
  here.end.end();
  EXPECT_EQ(here.end.fill(frames), 4u);
  EXPECT_TRUE(here.end.room_in(frames).empty());
}

TEST(ResumableEndTest, ALotIsAcknowledgedUnasked) {
  Side here, there;
  here.say(std::string(ResumableEnd::kAckEach - 1, 'x'));
  expect_passes(here, there);
  EXPECT_FALSE(there.end.has_output());
  EXPECT_TRUE(there.end.owes_ack());
  here.say("x");
  expect_passes(here, there);
  expect_passes(there, here);
  EXPECT_EQ(here.end.kept(), 0u);
}

TEST(ResumableEndTest, KeepsNoMoreThanItMay) {
  Side here(10);
  EXPECT_EQ(here.end.append("0123456789ab"), 10u);
  EXPECT_EQ(here.end.free(), 0u);
  auto sent = here.fill();
  EXPECT_EQ(here.end.free(), 0u);
  ASSERT_TRUE(here.end.go_on(4));
  EXPECT_EQ(here.end.append("abcdef"), 4u);
}

TEST(ResumableEndTest, GoesOnInAnotherProcess) {
  Side here, there;
  here.say("lost ");
  (void)here.fill();
  here.say("and found");
  here.end.end();
  there.say("yes");
  expect_passes(there, here);

  auto state = here.end.state();
  auto heir = ResumableEnd::from(state);
  ASSERT_TRUE(heir);
  for (auto at = state.begin; at < state.begin + here.end.kept();) {
    auto piece = here.end.kept_at(at);
    at += piece.size();
    EXPECT_EQ(heir->append(piece), piece.size());
  }
  auto has = heir->received();
  ASSERT_TRUE(heir->go_on(there.end.received()));
  ASSERT_TRUE(there.end.go_on(has));
  std::string text(4096, '?');
  text.resize(heir->fill(text));
  ASSERT_TRUE(there.end.receive(text, there));
  EXPECT_EQ(there.heard, "lost and found");
  EXPECT_TRUE(there.ended);
  EXPECT_EQ(there.end.kept(), 0u);
}

TEST(ResumableEndTest, RefusesWhatIsNoTunnelOfOurs) {
  for (std::string_view bad :
       {std::string_view("\3\0\0\1x", 5),                   // no such type
        std::string_view("\0\0\0\0", 4),                    // data without bytes
        std::string_view("\2\0\0\1x", 5),                   // an end with a payload
        std::string_view("\1\0\0\1x", 5),                   // a short acknowledgement
        std::string_view("\1\0\0\x8\0\0\0\0\0\0\0\1", 12),  // of what was never sent
        std::string_view("\2\0\0\0\2\0\0\0", 8),            // two ends
        std::string_view("\2\0\0\0\0\0\0\1x", 9)}) {        // bytes after the end
    Side side;
    auto taken = side.end.receive(bad, side);
    EXPECT_FALSE(taken) << bad.size();
    if (!taken) EXPECT_EQ(taken.error().code, Errc::malformed);
  }
  Side side;
  side.say("abc");
  EXPECT_FALSE(side.end.go_on(4));
  EXPECT_TRUE(side.end.go_on(2));
  EXPECT_FALSE(side.end.go_on(1));  // it had more
  EXPECT_FALSE(ResumableEnd::from({.received = 0, .received_end = true}));
}

// Two ends, cut from each other again and again: everything arrives once and in order, whatever was
// lost on the way and however the bytes were cut into pieces.
TEST(ResumableEndTest, ArrivesOnceAndInOrderOverRandomCuts) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    auto below = [&](std::size_t n) { return random() % n; };
    Side sides[2] = {Side(700), Side(700)};
    std::string text[2], wire[2];
    std::size_t said[2] = {0, 0};
    for (auto& one : text)
      for (std::size_t i = 0, n = below(3000); i < n; ++i)
        one += static_cast<char>('a' + below(26));
    int steps = 0;
    while (!sides[0].end.is_complete() || !sides[1].end.is_complete()) {
      ASSERT_LT(++steps, 200'000) << "it hangs; seed " << seed;
      auto i = below(2);
      auto& side = sides[i];
      switch (below(40)) {
        case 0:
          wire[0].clear();
          wire[1].clear();
          meet(sides[0], sides[1]);
          break;
        case 1:
          side.end.ack_now();
          break;
        default:
          if (below(2) == 0 && said[i] < text[i].size()) {
            auto piece = std::string_view(text[i]).substr(said[i], 1 + below(300));
            said[i] += side.end.append(piece);
          }
          // Whatever there is to send goes, or some of it and then what is read into its place.
          if (below(2) == 0) {
            wire[i] += side.fill(1 + below(200));
          } else {
            while (side.end.has_output()) wire[i] += side.fill(1 + below(200));
            auto piece =
                std::string_view(text[i]).substr(said[i], std::min(side.end.free(), below(300)));
            said[i] += piece.size();
            wire[i] += side.pass(piece, below(2) == 0 ? 4096 : 500);
          }
          if (said[i] == text[i].size()) side.end.end();
          auto part = wire[1 - i].substr(0, below(250));
          wire[1 - i].erase(0, part.size());
          auto taken = side.end.receive(part, side);
          ASSERT_TRUE(taken) << taken.error().message << "; seed " << seed;
      }
    }
    for (int i : {0, 1}) {
      EXPECT_EQ(sides[i].heard, text[1 - i]) << "seed " << seed;
      EXPECT_TRUE(sides[i].ended);
    }
  }
}

}  // namespace
}  // namespace nigh::tunnel
