// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "service/session/holder_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;

HolderSettings small(std::size_t capacity, HolderSettings settings = {}) {
  settings.capacity = capacity;
  return settings;
}

std::string output_of(const Frames& frames, Frame type = Frame::stdout_data) {
  std::string out;
  for (const auto& [seen, payload] : frames)
    if (seen == type) out += payload;
  return out;
}

std::vector<std::string> notices_of(const Frames& frames) {
  std::vector<std::string> out;
  for (const auto& [type, payload] : frames)
    if (type == Frame::notice) out.push_back(payload);
  return out;
}

TEST(HolderOutputTest, ReachesTheClientFromBothStreamsInTurn) {
  Holder holder;
  auto id = holder.start();
  holder.print(std::string(5000, 'o'));
  holder.print(std::string(5000, 'e'), Channel::err);
  std::vector<char> buffer(256);
  std::string first;
  for (int i = 0; i < 4; ++i) first.append(buffer.data(), holder.session.fill(id, buffer));
  EXPECT_NE(first.find("oooo"), first.npos);
  EXPECT_NE(first.find("eeee"), first.npos) << "neither starves the other";
  auto frames = frames_of(first + drained(holder.session, id));
  EXPECT_EQ(output_of(frames).size(), 5000u);
  EXPECT_EQ(output_of(frames, Frame::stderr_data).size(), 5000u);
}

TEST(HolderOutputTest, TheCommandWaitsForAcknowledgements) {
  Holder holder(small(10));
  auto id = holder.start();
  EXPECT_EQ(holder.print("0123456789abc"), "0123456789");
  EXPECT_FALSE(holder.session.wants_output(Channel::out));
  EXPECT_TRUE(holder.session.wants_output(Channel::err)) << "each has its own";
  drained(holder.session, id);
  EXPECT_FALSE(holder.session.wants_output(Channel::out)) << "it may have to be sent again";
  holder.acknowledge(id, 4);
  EXPECT_TRUE(holder.session.wants_output(Channel::out));
  EXPECT_EQ(holder.print("abcdefg"), "abcd");
  EXPECT_EQ(output_of(holder.frames(id)), "abcd");
}

TEST(HolderOutputTest, TheCommandWaitsForAClientThatIsExpectedAndNoLonger) {
  for (auto settings : {small(10), small(10, terminal())}) {
    Holder holder(settings);
    auto id = holder.start();
    holder.print("0123456789");
    drained(holder.session, id);
    holder.session.lost(id, holder.now);
    EXPECT_FALSE(holder.session.wants_output(Channel::out));
    holder.pass(settings.resume_time - std::chrono::seconds(1));
    EXPECT_FALSE(holder.session.wants_output(Channel::out));
    EXPECT_EQ(holder.session.deadline(), holder.now + std::chrono::seconds(1));
    holder.pass(std::chrono::seconds(1));
    EXPECT_TRUE(holder.session.wants_output(Channel::out));
    EXPECT_EQ(holder.host.hang_ups, settings.terminal ? 0 : 1);
  }
}

TEST(HolderOutputTest, WhatComesBeforeTheFirstClientWaitsForIt) {
  Holder holder(small(4));
  EXPECT_EQ(holder.print("early"), "earl");
  auto id = holder.session.connect({}, Opening::started, holder.now);
  EXPECT_EQ(output_of(holder.frames(id)), "earl");
}

TEST(HolderOutputTest, AClientThatComesBackLateIsToldWhatItMissed) {
  Holder holder(small(100));
  auto id = holder.start();
  holder.print("0123456789");
  drained(holder.session, id);
  holder.session.lost(id, holder.now);
  holder.pass(std::chrono::hours(1));
  EXPECT_EQ(holder.print(std::string(300, 'x') + "the end").size(), 307u);
  auto again = holder.resume(ResumeRequest{1, 1, 5, 0, false, {}});
  auto frames = holder.frames(again);
  auto note = run::decode_started(frames.at(0).second)->session.value();
  EXPECT_EQ(note.out + output_of(frames).size(), 317u);
  EXPECT_GE(note.out, 217u);
  EXPECT_TRUE(output_of(frames).ends_with("the end"));
}

TEST(HolderOutputTest, ATerminalIsPaintedForWhoMissedSomething) {
  Holder holder(small(100, terminal()));
  auto id = holder.start();
  holder.print("0123456789");
  drained(holder.session, id);
  holder.session.lost(id, holder.now);
  holder.pass(std::chrono::hours(1));
  holder.print(std::string(300, 'x'));
  auto again = holder.resume(ResumeRequest{1, 1, 5, 0, false, {}});
  holder.print("more");
  auto frames = holder.frames(again);
  ASSERT_EQ(frames.size(), 5u);
  EXPECT_EQ(run::decode_started(frames[0].second)->session->out, 310u);
  EXPECT_EQ(frames[2], std::pair(Frame::screen, std::string("screen 0 lost")));
  EXPECT_EQ(frames[3], std::pair(Frame::screen, std::string()));
  EXPECT_EQ(frames[4], std::pair(Frame::stdout_data, std::string("more")));
}

TEST(HolderOutputTest, AnAttachingTerminalGetsTheScreenAndWhatFollows) {
  Holder holder(terminal());
  auto first = holder.start();
  holder.print("before");
  auto second = holder.resume(AttachRequest{500, false, {}, WindowSize{}});
  holder.print("after");
  auto frames = holder.frames(second);
  EXPECT_EQ(run::decode_started(frames[0].second)->session->out, 6u);
  EXPECT_EQ(output_of(frames, Frame::screen), "screen 500 attached");
  EXPECT_EQ(output_of(frames), "after");
  EXPECT_EQ(output_of(holder.frames(first)), "beforeafter");
}

TEST(HolderOutputTest, ARepaintThatWasCutIsPaintedAgain) {
  Holder holder(terminal());
  holder.start();
  auto id = holder.resume(AttachRequest{500, false, {}, {}});
  std::vector<char> buffer(200);
  while (!holder.session.is_over(id) &&
         holder.session.fill(id, std::span(buffer).first(64)) == 64) {
  }
  holder.session.lost(id, holder.now);
  holder.print("more");
  auto again = holder.resume(ResumeRequest{2, 1, 0, 0, true, {}});
  auto frames = holder.frames(again);
  EXPECT_EQ(run::decode_started(frames[0].second)->session->out, 4u);
  EXPECT_EQ(output_of(frames, Frame::screen), "screen 500 attached") << "as it was asked for";
  EXPECT_EQ(output_of(frames), "");
}

TEST(HolderOutputTest, ASlowClientLosesOutputInsteadOfStoppingAFastOne) {
  Holder holder(small(1000));
  auto fast = holder.start(), slow = holder.attach();
  std::string sent;
  for (int i = 0; i < 50; ++i) {
    auto printed = holder.print(std::string(100, static_cast<char>('a' + i % 26)));
    ASSERT_EQ(printed.size(), 100u) << i;
    sent += printed;
    drained(holder.session, fast);
    holder.acknowledge(fast, sent.size());
  }
  auto frames = holder.frames(slow);
  EXPECT_EQ(notices_of(frames).size(), 1u);
  auto lost = std::get<Lost>(decode_notice(notices_of(frames).at(0)).value());
  EXPECT_EQ(output_of(frames), sent.substr(lost.bytes));
  EXPECT_GE(output_of(frames).size(), 750u);
  holder.acknowledge(slow, sent.size());
  EXPECT_EQ(holder.refusal(slow), "");
}

TEST(HolderOutputTest, ASlowTerminalIsPainted) {
  Holder holder(small(1000, terminal()));
  auto fast = holder.start(), slow = holder.attach({0, false, {}, WindowSize{}});
  for (int i = 1; i <= 50; ++i) {
    ASSERT_EQ(holder.print(std::string(100, 'x')).size(), 100u);
    drained(holder.session, fast);
    holder.acknowledge(fast, static_cast<std::uint64_t>(i) * 100);
  }
  auto frames = holder.frames(slow);
  EXPECT_EQ(notices_of(frames).at(0), encode_notice(Lost{Channel::out, 5000}));
  EXPECT_EQ(output_of(frames, Frame::screen), "screen 0 lost");
  EXPECT_EQ(output_of(frames), "");
}

TEST(HolderOutputTest, TwoSlowClientsAreWaitedFor) {
  Holder holder(small(1000));
  auto first = holder.start(), second = holder.attach();
  EXPECT_EQ(holder.print(std::string(1500, 'x')).size(), 1000u);
  drained(holder.session, first);
  drained(holder.session, second);
  holder.acknowledge(first, 400);
  holder.acknowledge(second, 300);
  EXPECT_EQ(holder.print(std::string(1500, 'x')).size(), 300u) << "neither is well ahead";
}

TEST(HolderOutputTest, WhoOnlyWatchesDelaysNobodyAndIsNoReasonToLoseAnything) {
  Holder holder(small(1000));
  auto writer = holder.start(), watcher = holder.attach({0, true, {}, {}});
  EXPECT_EQ(holder.print(std::string(1000, 'x')).size(), 1000u);
  drained(holder.session, watcher);
  holder.acknowledge(watcher, 1000);
  EXPECT_FALSE(holder.session.wants_output(Channel::out)) << "the watcher is fast";
  drained(holder.session, writer);
  holder.acknowledge(writer, 1000);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(holder.print(std::string(1000, 'y')).size(), 1000u) << "the watcher is slow";
    drained(holder.session, writer);
    holder.acknowledge(writer, 2000u + static_cast<unsigned>(i) * 1000);
  }
  holder.say(writer, Frame::detach);
  EXPECT_NE(output_of(holder.frames(watcher)), "");
  holder.print(std::string(1000, 'z'));
  EXPECT_FALSE(holder.session.wants_output(Channel::out)) << "nobody else is there";
}

TEST(HolderOutputTest, OutputThatNobodyReadsAnyMoreIsClosed) {
  Holder holder;
  auto first = holder.start(), second = holder.attach();
  holder.print("abc");
  holder.say(first, Frame::output_closed, "\x01");
  EXPECT_TRUE(holder.host.closed.empty());
  EXPECT_EQ(output_of(holder.frames(first)), "");
  EXPECT_EQ(output_of(holder.frames(second)), "abc");
  holder.say(second, Frame::output_closed, "\x01");
  holder.say(second, Frame::output_closed, "\x01");
  EXPECT_EQ(holder.host.closed, std::vector<Channel>{Channel::out});
  EXPECT_FALSE(holder.session.wants_output(Channel::out));
  EXPECT_TRUE(holder.session.wants_output(Channel::err));
}

TEST(HolderOutputTest, WhatIsKeptForOthersIsReadOn) {
  HolderSettings settings;
  settings.keep = true;
  Holder holder(settings);
  auto id = holder.start();
  holder.say(id, Frame::output_closed, "\x01");
  EXPECT_TRUE(holder.host.closed.empty());
  EXPECT_EQ(holder.print("abc"), "abc");
  EXPECT_EQ(output_of(holder.frames(holder.resume(AttachRequest{}))), "abc");
}

TEST(HolderOutputTest, TheOutputOfAKeptCommandIsThereFromItsStart) {
  HolderSettings settings;
  settings.keep = true;
  Holder holder(small(100, settings));
  auto id = holder.start();
  holder.print("one\ntwo\nthree\n");
  drained(holder.session, id);
  holder.acknowledge(id, 14);
  holder.say(id, Frame::detach);
  EXPECT_EQ(output_of(holder.frames(holder.resume(AttachRequest{}))), "one\ntwo\nthree\n");
  auto tail = holder.frames(holder.resume(AttachRequest{0, false, 2, {}}));
  EXPECT_EQ(output_of(tail), "two\nthree\n");
  EXPECT_EQ(run::decode_started(tail[0].second)->session->out, 4u);
}

TEST(HolderOutputTest, TheOldestOutputOfAKeptCommandGoesFirst) {
  HolderSettings settings;
  settings.keep = true;
  Holder holder(small(100, settings));
  auto id = holder.start();
  holder.print("0123456789");
  drained(holder.session, id);
  holder.acknowledge(id, 10);
  EXPECT_EQ(holder.print(std::string(200, 'x')).size(), 100u) << "only what somebody has had goes";
  holder.say(id, Frame::detach);
  EXPECT_EQ(holder.print(std::string(200, 'y')).size(), 200u);
  auto frames = holder.frames(holder.resume(AttachRequest{}));
  EXPECT_GE(output_of(frames).size(), 75u);
  EXPECT_EQ(run::decode_started(frames[0].second)->session->out + output_of(frames).size(), 310u);
}

TEST(HolderOutputTest, WhatIsGatheredStaysWhereItIsKept) {
  Holder holder;
  auto id = holder.start();
  std::string much;
  while (much.size() < 3 * Replay::kBlock) much += "line " + std::to_string(much.size()) + "\n";
  ASSERT_EQ(holder.print(much), much);
  holder.print("wrong", Channel::err);
  holder.exit(3);
  std::string room(64 * 1024, 0), got;
  std::array<std::string_view, HolderSession::kMinPieces> pieces;
  std::size_t kept = 0;
  while (auto count = holder.session.gather(id, room, pieces)) {
    for (auto piece : std::span(pieces).first(count)) {
      got += piece;
      const bool copied = piece.data() >= room.data() && piece.data() < room.data() + room.size();
      if (!copied) kept += piece.size();
    }
  }
  auto frames = frames_of(got);
  EXPECT_EQ(output_of(frames), much);
  EXPECT_EQ(output_of(frames, Frame::stderr_data), "wrong");
  EXPECT_EQ(frames.back().first, Frame::exit);
  EXPECT_GE(kept, 3 * Replay::kBlock) << "but for what is not worth it";
}

TEST(HolderOutputTest, WhereNothingMayBeDroppedTheSlowestIsWaitedFor) {
  auto settings = small(100);
  settings.may_drop = false;
  Holder holder(std::move(settings));
  auto fast = holder.start();
  holder.attach();
  EXPECT_EQ(holder.print(std::string(100, 'x')).size(), 100u);
  drained(holder.session, fast);
  holder.acknowledge(fast, 100);
  EXPECT_EQ(holder.print("y"), "");
}

TEST(HolderOutputTest, OutputCanBeResumedAtEveryOffset) {
  for (std::uint64_t received = 0; received <= 10; ++received) {
    Holder holder;
    auto id = holder.start();
    holder.print("0123456789");
    drained(holder.session, id);
    holder.session.lost(id, holder.now);
    auto again = holder.resume(ResumeRequest{1, 1, received, 0, false, {}});
    EXPECT_EQ(output_of(holder.frames(again)), std::string("0123456789").substr(received));
  }
}

}  // namespace
}  // namespace nigh::session
