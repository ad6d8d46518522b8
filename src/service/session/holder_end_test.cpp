// SPDX-License-Identifier: Apache-2.0
// How sessions end, and what they wait for.
#include <gtest/gtest.h>

#include "service/session/holder_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

bool has_exit(const Frames& frames) {
  return !frames.empty() && frames.back().first == Frame::exit;
}

HolderSettings kept() {
  HolderSettings settings;
  settings.keep = true;
  return settings;
}

TEST(HolderEndTest, ExitComesBehindAllOutputAndOnce) {
  Holder holder;
  auto id = holder.start();
  holder.print("bye");
  ExitStatus status;
  status.code = 3;
  holder.session.exited(status, holder.now);
  EXPECT_FALSE(has_exit(holder.frames(id))) << "a background process may still print";
  holder.session.output_ended(Channel::out);
  holder.print("err", Channel::err);
  holder.session.output_ended(Channel::err);
  auto frames = holder.frames(id);
  ASSERT_TRUE(has_exit(frames));
  EXPECT_EQ(frames.back().second, R"({"code":3})");
  EXPECT_EQ(frames.at(0).second, "err");
  EXPECT_FALSE(holder.session.has_output(id));
  EXPECT_FALSE(holder.session.is_over(id)) << "until the client says that it has it";
  EXPECT_FALSE(holder.session.finished());
  holder.say(id, Frame::exit_ack);
  EXPECT_TRUE(holder.session.is_over(id));
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, AnExitThatWasLostInACutComesAgain) {
  for (auto settings : {HolderSettings(), kept(), terminal()}) {
    Holder holder(settings);
    auto id = holder.start();
    holder.print("bye");
    holder.exit(3);
    EXPECT_TRUE(has_exit(holder.frames(id)));
    holder.session.lost(id, holder.now);
    EXPECT_FALSE(holder.session.finished());
    auto again = holder.resume(ResumeRequest{1, 1, 1, 0, false, {}});
    auto frames = holder.frames(again);
    ASSERT_TRUE(has_exit(frames));
    EXPECT_EQ(frames.at(frames.size() - 2).second, "ye");
    holder.say(again, Frame::exit_ack);
    EXPECT_TRUE(holder.session.finished());
  }
}

TEST(HolderEndTest, AnExitThatNobodyComesForIsKeptForAWhile) {
  Holder holder;
  holder.session.lost(holder.start(), holder.now);
  holder.exit();
  holder.pass(minutes(10) - minutes(1));
  EXPECT_FALSE(holder.session.finished());
  holder.pass(minutes(1));
  EXPECT_TRUE(holder.session.finished());

  Holder kept_one(kept());
  kept_one.say(kept_one.start(), Frame::detach);
  kept_one.exit();
  kept_one.pass(days(7) - minutes(1));
  EXPECT_FALSE(kept_one.session.finished());
  EXPECT_EQ(kept_one.session.deadline(), kept_one.now + minutes(1));
  auto id = kept_one.resume(AttachRequest{});
  EXPECT_TRUE(has_exit(kept_one.frames(id)));
  kept_one.pass(minutes(1));
  EXPECT_FALSE(kept_one.session.finished()) << "somebody is there";
  kept_one.session.lost(id, kept_one.now);
  kept_one.pass(minutes(10));
  EXPECT_TRUE(kept_one.session.finished());
}

TEST(HolderEndTest, WhoHasLeftMayComeBackForAMomentOnly) {
  Holder holder;
  auto id = holder.start();
  holder.session.lost(id, holder.now, Loss::left);
  EXPECT_EQ(holder.session.deadline(), holder.now + seconds(10));
  holder.pass(seconds(9));
  auto again = holder.resume(ResumeRequest{1, 1, 0, 0, false, {}});
  holder.pass(minutes(1));
  EXPECT_EQ(holder.host.hang_ups, 0);
  holder.session.lost(again, holder.now, Loss::left);
  holder.pass(seconds(10));
  EXPECT_EQ(holder.host.hang_ups, 1);
  holder.exit();
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, OneThatWasLostIsWaitedForBesidesOneThatHasLeft) {
  Holder holder;
  auto id = holder.start(), other = holder.attach();
  holder.session.lost(id, holder.now);
  holder.session.lost(other, holder.now, Loss::left);
  EXPECT_EQ(holder.session.deadline(), holder.now + seconds(10)) << "its output goes";
  holder.pass(minutes(9));
  EXPECT_EQ(holder.host.hang_ups, 0);
  holder.pass(minutes(1));
  EXPECT_EQ(holder.host.hang_ups, 1);
}

TEST(HolderEndTest, ATerminalDoesNotMindWhoHasLeft) {
  Holder holder(terminal());
  holder.session.lost(holder.start(), holder.now, Loss::left);
  holder.pass(minutes(9));
  EXPECT_EQ(holder.host.hang_ups, 0);
}

TEST(HolderEndTest, AShellThatToldItsClientOfTheEndDoesNotWaitForAWeek) {
  Holder holder(terminal());
  auto id = holder.start(), watcher = holder.attach({0, true, {}, {}});
  holder.exit();
  EXPECT_TRUE(has_exit(holder.frames(id)));
  EXPECT_TRUE(has_exit(holder.frames(watcher)));
  holder.session.lost(watcher, holder.now);
  holder.pass(days(1));
  holder.session.lost(id, holder.now);
  holder.pass(days(1) - minutes(1));
  EXPECT_FALSE(holder.session.finished()) << "it may come back, and another may watch";
  EXPECT_EQ(holder.session.deadline(), holder.now + minutes(1));
  auto again = holder.resume(ResumeRequest{1, 1, 0, 0, false, {}});
  EXPECT_TRUE(has_exit(holder.frames(again)));
  holder.session.lost(again, holder.now);
  holder.pass(days(1) - minutes(1));
  EXPECT_FALSE(holder.session.finished());
  holder.pass(minutes(1));
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, WhatNobodyWasToldOrWasToBeKeptWaitsForAWeek) {
  auto kept_terminal = terminal();
  kept_terminal.keep = true;
  for (bool told : {false, true})
    for (const auto& settings : {terminal(), kept(), kept_terminal}) {
      if (told && !settings.keep) continue;
      Holder holder(settings);
      auto id = holder.start();
      holder.exit();
      EXPECT_TRUE(!told || has_exit(holder.frames(id)));
      holder.session.lost(id, holder.now);
      holder.pass(days(7) - minutes(1));
      EXPECT_FALSE(holder.session.finished());
      holder.pass(minutes(1));
      EXPECT_TRUE(holder.session.finished());
    }
}

TEST(HolderEndTest, WhoWatchesDoesNotTakeTheExitAway) {
  Holder holder(kept());
  holder.say(holder.start(), Frame::detach);
  holder.exit();
  auto watcher = holder.attach({0, true, {}, {}});
  holder.say(watcher, Frame::exit_ack);
  EXPECT_TRUE(holder.session.is_over(watcher));
  EXPECT_FALSE(holder.session.finished());
  holder.say(holder.attach(), Frame::exit_ack);
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, EverybodyWhoIsAttachedIsTold) {
  Holder holder;
  auto first = holder.start(), second = holder.attach();
  holder.exit();
  EXPECT_TRUE(has_exit(holder.frames(first)));
  holder.say(first, Frame::exit_ack);
  EXPECT_FALSE(holder.session.finished());
  EXPECT_TRUE(has_exit(holder.frames(second)));
  holder.say(second, Frame::exit_ack);
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, ASessionThatIsNotKeptIsHungUpWhenItsClientDoesNotComeBack) {
  Holder holder;
  auto id = holder.start();
  holder.pass(days(1));
  EXPECT_EQ(holder.host.hang_ups, 0);
  holder.session.lost(id, holder.now);
  EXPECT_EQ(holder.session.deadline(), holder.now + minutes(10));
  holder.pass(minutes(10) - minutes(1));
  EXPECT_EQ(holder.host.hang_ups, 0);
  holder.pass(minutes(1));
  EXPECT_EQ(holder.host.hang_ups, 1);
  holder.pass(days(1));
  EXPECT_EQ(holder.host.hang_ups, 1);
}

TEST(HolderEndTest, OrWhenItsFirstClientNeverComes) {
  Holder holder;
  EXPECT_EQ(holder.session.deadline(), holder.now + minutes(10));
  holder.pass(minutes(10));
  EXPECT_EQ(holder.host.hang_ups, 1);
  holder.exit();
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, KeptSessionsAndTerminalsGoOnAlone) {
  for (auto settings : {kept(), terminal()}) {
    Holder holder(settings);
    holder.session.lost(holder.start(), holder.now);
    holder.pass(days(30));
    EXPECT_EQ(holder.host.hang_ups, 0);
    EXPECT_FALSE(holder.session.finished());
  }
}

TEST(HolderEndTest, ATerminalOfWhichNobodyHasHeardIsHungUp) {
  Holder holder(terminal());
  auto id = holder.start_unheard();
  holder.say(id, Frame::stdin_data, "typed ahead");
  holder.say(id, Frame::resize, run::encode_resize({100, 30, 0, 0}));
  holder.session.lost(id, holder.now);
  holder.pass(minutes(10));
  EXPECT_EQ(holder.host.hang_ups, 1);

  for (bool comes_back : {false, true}) {
    Holder found(terminal());
    found.session.lost(found.start_unheard(), found.now);
    found.session.lost(comes_back ? found.resume(ResumeRequest{1, 1, 0, 0, false, {}})
                                  : found.attach({0, true, {}, {}}),
                       found.now);
    found.pass(days(1));
    EXPECT_EQ(found.host.hang_ups, 0);
  }
}

TEST(HolderEndTest, LeavingKeepsASession) {
  Holder holder;
  auto id = holder.start();
  holder.say(id, Frame::detach);
  EXPECT_TRUE(holder.session.is_over(id));
  EXPECT_EQ(holder.host.forgotten_attachments, std::vector<AttachmentId>{1});
  holder.session.lost(id, holder.now);
  holder.pass(days(1));
  EXPECT_EQ(holder.host.hang_ups, 0);
  EXPECT_NE(holder.refusal(holder.resume(ResumeRequest{1, 1, 0, 0, false, {}})), "");
  holder.exit();
  EXPECT_FALSE(holder.session.finished());
}

TEST(HolderEndTest, AWatcherThatLeavesDoesNotKeepIt) {
  Holder holder;
  auto id = holder.start(), watcher = holder.attach({0, true, {}, {}});
  holder.say(watcher, Frame::detach);
  holder.session.lost(id, holder.now);
  holder.pass(minutes(10));
  EXPECT_EQ(holder.host.hang_ups, 1);
}

TEST(HolderEndTest, AHangUpEndsEvenWhatIsKept) {
  for (auto settings : {HolderSettings(), kept(), terminal()}) {
    Holder holder(settings);
    auto id = holder.start();
    holder.say(id, Frame::hang_up);
    EXPECT_EQ(holder.host.hang_ups, 1);
    holder.say(id, Frame::detach);
    EXPECT_FALSE(holder.session.finished());
    holder.exit();
    EXPECT_TRUE(holder.session.finished());
  }
}

TEST(HolderEndTest, WhatWasEndedOnPurposeIsNotKept) {
  Holder holder(terminal());
  holder.say(holder.start(), Frame::detach);
  holder.session.not_kept();
  holder.exit();
  EXPECT_TRUE(holder.session.finished());
}

TEST(HolderEndTest, AConnectionThatSaysNothingIsEnded) {
  Holder holder;
  holder.start();
  auto id = holder.session.connect({}, Opening::resume, holder.now);
  EXPECT_EQ(holder.session.deadline(), holder.now + std::chrono::seconds(30));
  holder.pass(std::chrono::seconds(30));
  EXPECT_EQ(holder.refusal(id), "no RESUME came");
  EXPECT_FALSE(holder.session.deadline());
}

TEST(HolderEndTest, OfThoseWhoAreLostTheOldestIsForgotten) {
  auto settings = terminal();
  settings.max_clients = 2;
  Holder holder(settings);
  for (int i = 0; i < 3; ++i) {
    holder.session.lost(holder.attach(), holder.now);
    holder.pass(minutes(1));
  }
  EXPECT_EQ(holder.host.forgotten_attachments, std::vector<AttachmentId>{1});
  EXPECT_EQ(holder.refusal(holder.resume(ResumeRequest{2, 1, 0, 0, false, {}})), "");
  holder.session.lost(holder.attach(), holder.now);
  holder.pass(days(8));
  EXPECT_EQ(holder.host.forgotten_attachments, (std::vector<AttachmentId>{1, 3, 4}));
}

TEST(HolderEndTest, InputAndOutputAreActivity) {
  Holder holder(terminal());
  auto id = holder.start();
  holder.pass(minutes(5));
  holder.print("x");
  EXPECT_EQ(holder.session.last_activity(), holder.now);
  auto printed = holder.now;
  holder.pass(minutes(5));
  holder.acknowledge(id, 0);
  EXPECT_EQ(holder.session.last_activity(), printed);
  holder.say(id, Frame::stdin_data, "x");
  EXPECT_EQ(holder.session.last_activity(), holder.now);
}

TEST(HolderEndTest, TheDeadlineIsNeverInThePastAfterATick) {
  for (auto settings : {HolderSettings(), kept(), terminal()}) {
    Holder holder(settings);
    holder.session.lost(holder.start(), holder.now);
    holder.session.lost(holder.attach(), holder.now);
    holder.session.connect({}, Opening::resume, holder.now);
    for (int i = 0; i < 20; ++i) {
      if (i == 10) holder.exit();
      auto deadline = holder.session.deadline();
      if (!deadline) continue;
      EXPECT_GT(*deadline, holder.now);
      holder.now = *deadline;
      holder.session.tick(holder.now);
    }
  }
}

}  // namespace
}  // namespace nigh::session
