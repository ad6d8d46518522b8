// SPDX-License-Identifier: Apache-2.0
#include "service/session/holder_session.hpp"

#include <gtest/gtest.h>

#include "service/session/holder_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;
using std::chrono::minutes;
using std::chrono::seconds;

run::SessionNote note_of(const Frames& frames) {
  EXPECT_FALSE(frames.empty());
  EXPECT_EQ(frames.at(0).first, Frame::started);
  return run::decode_started(frames.at(0).second).value().session.value();
}

TEST(HolderSessionTest, TheFirstClientIsToldWhatItNeedsToComeBack) {
  Holder holder;
  auto id = holder.session.connect({"192.0.2.1", "secret", {}}, Opening::started, holder.now);
  auto note = note_of(holder.frames(id));
  EXPECT_EQ(note.id, "k3x9q2mb");
  EXPECT_EQ(note.attachment, 1u);
  EXPECT_EQ(note.resume_token, "secret");
  EXPECT_FALSE(note.terminal);
  EXPECT_EQ(note.output_kept, 16u << 20);
  EXPECT_EQ(holder.host.attachments.at(0), std::pair(id, AttachmentId{1}));
  EXPECT_EQ(holder.session.addresses(), std::vector<std::string>{"192.0.2.1"});
}

TEST(HolderSessionTest, AClientThatCameBackGetsWhatItMissedAndSendsWhatWasMissed) {
  Holder holder;
  auto id = holder.start();
  EXPECT_EQ(holder.print("hello world"), "hello world");
  holder.print("err", Channel::err);
  holder.say(id, Frame::stdin_data, "abc");
  holder.say(id, Frame::signal, "INT");
  drained(holder.session, id);
  holder.session.lost(id, holder.now);
  EXPECT_TRUE(holder.session.addresses().empty());

  auto again = holder.resume(ResumeRequest{1, 1, 6, 3, false, {}});
  auto frames = holder.frames(again);
  auto note = note_of(frames);
  EXPECT_EQ(note.input, 3u);
  EXPECT_EQ(note.signals, 1u);
  EXPECT_EQ(note.out, 6u);
  EXPECT_EQ(note.resume_token, "");
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[1], std::pair(Frame::ack, run::encode_ack(0)));
  EXPECT_EQ(frames[2], std::pair(Frame::stdout_data, std::string("world")));
  holder.say(again, Frame::stdin_data, "def");
  EXPECT_EQ(read_input(holder.session), "abcdef");
}

TEST(HolderSessionTest, InputThatComesAlongWithResumeIsTakenOnce) {
  Holder holder;
  auto id = holder.start();
  holder.say(id, Frame::stdin_data, "abc");
  holder.say(id, Frame::signal, "INT");
  holder.session.lost(id, holder.now);
  auto again = holder.resume(ResumeRequest{1, 1, 0, 0, false, ResumeRequest::Again{1, 0}});
  holder.say(again, Frame::signal, "INT");
  holder.say(again, Frame::signal, "TERM");
  holder.say(again, Frame::stdin_data, "b");
  holder.say(again, Frame::stdin_data, "cde");
  EXPECT_EQ(read_input(holder.session), "abcde");
  EXPECT_EQ(holder.host.signals, (std::vector<int>{2, 15}));
}

TEST(HolderSessionTest, ResumingFromWhereOneCannotBeIsRefusedAndHarmsNobody) {
  Holder holder;
  auto id = holder.start();
  holder.print("0123456789");
  drained(holder.session, id);
  holder.acknowledge(id, 5);
  holder.say(id, Frame::stdin_data, "abc");
  holder.session.lost(id, holder.now);
  auto refused = [&](const ResumeRequest& request, std::optional<AttachmentId> only = {}) {
    auto again = holder.resume(request, only);
    return holder.refusal(again);
  };
  EXPECT_NE(refused({7, 1, 5, 0, false, {}}), "");
  EXPECT_NE(refused({1, 1, 4, 0, false, {}}), "") << "acknowledged before";
  EXPECT_NE(refused({1, 1, 11, 0, false, {}}), "") << "never sent";
  EXPECT_NE(refused({1, 1, 5, 1, false, {}}), "");
  EXPECT_NE(refused({1, 1, 5, 0, false, ResumeRequest::Again{4, 0}}), "") << "leaves a byte out";
  EXPECT_NE(refused({1, 1, 5, 0, false, ResumeRequest::Again{3, 1}}), "");
  EXPECT_NE(refused({1, 0, 5, 0, false, {}}), "");
  EXPECT_NE(refused({1, 1, 5, 0, false, {}}, 2), "") << "another's token";
  auto attaching = holder.resume(AttachRequest{}, 1);
  EXPECT_NE(holder.refusal(attaching), "") << "a token makes no attachments";

  auto again = holder.resume(ResumeRequest{1, 1, 5, 0, false, {}}, 1);
  EXPECT_EQ(holder.frames(again).back().second, "56789");
}

TEST(HolderSessionTest, WhoComesBackFirstIsWhoIsThereLast) {
  Holder holder;
  auto id = holder.start();
  holder.print("hello");
  auto again = holder.resume(ResumeRequest{1, 1, 0, 0, false, {}});
  EXPECT_NE(holder.refusal(id), "") << "its end was not seen yet";
  EXPECT_EQ(holder.frames(again).back().second, "hello");
  holder.say(id, Frame::stdin_data, "from the past");
  holder.session.lost(id, holder.now);
  EXPECT_EQ(read_input(holder.session), "");
  EXPECT_EQ(holder.session.addresses().size(), 1u);
}

TEST(HolderSessionTest, AResumeThatArrivesLateTakesNothingFromANewerOne) {
  Holder holder;
  holder.print("hello");
  holder.start();
  auto newer = holder.resume(ResumeRequest{1, 2, 0, 0, false, {}});
  auto older = holder.resume(ResumeRequest{1, 1, 0, 0, false, {}});
  EXPECT_NE(holder.refusal(older), "");
  EXPECT_NE(holder.refusal(holder.resume(ResumeRequest{1, 2, 0, 0, false, {}})), "");
  EXPECT_EQ(holder.frames(newer).back().second, "hello");
}

TEST(HolderSessionTest, AfterItWasEndedAConnectionIsDeaf) {
  for (auto last : {Frame::detach, Frame::exit_ack, Frame::spec}) {
    Holder holder;
    auto id = holder.start();
    holder.exit();
    drained(holder.session, id);
    holder.say(id, last);
    EXPECT_TRUE(holder.session.is_over(id));
    holder.say(id, Frame::signal, "KILL");
    holder.say(id, Frame::stdin_data, "x");
    EXPECT_TRUE(holder.host.signals.empty());
  }
}

TEST(HolderSessionTest, WhatDoesNotFitIntoAFrameOfItsTypeIsRefused) {
  const std::pair<Frame, std::string> table[] = {
      {Frame::stdin_eof, "x"},    {Frame::resize, "1234567"},
      {Frame::signal, "SIGTERM"}, {Frame::signal, ""},
      {Frame::output_closed, ""}, {Frame::output_closed, "\x03"},
      {Frame::output_ack, "12"},  {Frame::output_ack, encode_output_ack({1, 0})},
      {Frame::detach, "x"},       {Frame::hang_up, "x"},
  };
  for (const auto& [type, payload] : table) {
    Holder holder;
    auto id = holder.start();
    holder.say(id, type, payload);
    EXPECT_NE(holder.refusal(id), "") << static_cast<int>(type);
    EXPECT_EQ(holder.host.hang_ups, 1) << "it was alone";
    EXPECT_EQ(holder.host.forgotten_attachments, std::vector<AttachmentId>{1});
  }
}

TEST(HolderSessionTest, AnAcknowledgementNeverGoesBack) {
  Holder holder;
  auto id = holder.start();
  holder.print("0123456789");
  drained(holder.session, id);
  holder.acknowledge(id, 10);
  EXPECT_EQ(holder.refusal(id), "");
  holder.acknowledge(id, 9);
  EXPECT_NE(holder.refusal(id), "");
}

TEST(HolderSessionTest, MoreInputThanTheWindowIsRefused) {
  Holder holder;
  auto id = holder.start();
  for (int i = 0; i < 4; ++i) holder.say(id, Frame::stdin_data, std::string(1 << 20, 'x'));
  EXPECT_EQ(holder.refusal(id), "");
  holder.say(id, Frame::stdin_data, "x");
  EXPECT_NE(holder.refusal(id), "");
}

TEST(HolderSessionTest, AckComesAtAQuarterOfTheWindowOrAlongWithSomething) {
  HolderSettings settings;
  settings.input_window = 1 << 20;
  Holder holder(settings);
  auto id = holder.start();
  std::string quarter(1 << 18, 'x');
  holder.say(id, Frame::stdin_data, quarter + "y");
  holder.session.input_written(1);
  EXPECT_FALSE(holder.session.has_output(id));
  holder.print("z");
  EXPECT_EQ(holder.frames(id).at(0), std::pair(Frame::ack, run::encode_ack(1)));
  holder.session.input_written((1 << 16) - 1);
  holder.session.input_written((1 << 18) - (1 << 16));
  EXPECT_FALSE(holder.session.has_output(id));
  holder.session.input_written(1);
  EXPECT_EQ(holder.frames(id).at(0), std::pair(Frame::ack, run::encode_ack((1 << 18) + 1)));
}

TEST(HolderSessionTest, ABrokenClientDoesNotDisturbAnother) {
  Holder holder;
  auto first = holder.start(), second = holder.attach();
  holder.say(second, Frame::spec, "{}");
  EXPECT_NE(holder.refusal(second), "");
  EXPECT_EQ(holder.host.hang_ups, 0);
  holder.say(first, Frame::stdin_data, "abc");
  EXPECT_EQ(read_input(holder.session), "abc");
}

// ---- the end of input --------------------------------------------------------------------------

TEST(HolderSessionTest, InputEndsBehindAllOfIt) {
  Holder holder;
  auto id = holder.start();
  holder.say(id, Frame::stdin_data, "abc");
  holder.say(id, Frame::stdin_eof);
  EXPECT_FALSE(holder.session.input_ended());
  EXPECT_EQ(read_input(holder.session), "abc");
  EXPECT_TRUE(holder.session.input_ended());
  holder.session.input_end_done();
  EXPECT_FALSE(holder.session.input_ended());
}

TEST(HolderSessionTest, OfSeveralClientsTheLastOneEndsTheInputOfPipes) {
  Holder holder;
  auto first = holder.start(), second = holder.attach();
  holder.attach({0, true, {}, {}});
  holder.say(second, Frame::stdin_eof);
  EXPECT_FALSE(holder.session.input_ended());
  holder.say(first, Frame::stdin_eof);
  EXPECT_TRUE(holder.session.input_ended());
}

TEST(HolderSessionTest, OnATerminalAnybodyTypesItsEnd) {
  Holder holder(terminal());
  auto first = holder.start(), second = holder.attach();
  holder.say(second, Frame::stdin_eof);
  EXPECT_TRUE(holder.session.input_ended());
  holder.session.input_end_done();
  holder.say(first, Frame::stdin_data, "abc");
  EXPECT_EQ(read_input(holder.session), "abc");
}

TEST(HolderSessionTest, InputThatTheCommandDoesNotWantIsThrownAway) {
  Holder holder;
  auto id = holder.start();
  holder.say(id, Frame::stdin_data, "abc");
  holder.session.input_closed();
  EXPECT_EQ(holder.session.input(), "");
  holder.say(id, Frame::stdin_data, "def");
  EXPECT_EQ(holder.session.input(), "");
  EXPECT_FALSE(holder.session.has_output(id)) << "what was not taken is not acknowledged";
}

// ---- signals, sizes, clients -------------------------------------------------------------------

TEST(HolderSessionTest, SignalsAreConfirmedNowAndThen) {
  Holder holder;
  auto id = holder.start();
  for (int i = 0; i < 64; ++i) holder.say(id, Frame::signal, "USR1");
  EXPECT_EQ(holder.frames(id).at(0).second, encode_notice(SignalsTaken{64}));
  EXPECT_EQ(holder.host.signals.size(), 64u);
}

TEST(HolderSessionTest, TheSmallestWindowRulesAndEverybodyIsTold) {
  auto settings = terminal();
  settings.size = {120, 40, 960, 800};
  Holder holder(settings);
  auto first = holder.start();
  EXPECT_TRUE(holder.host.sizes.empty());
  auto second = holder.resume(AttachRequest{0, false, {}, WindowSize{80, 50, 640, 1000}});
  ASSERT_EQ(holder.host.sizes.size(), 1u);
  EXPECT_EQ(holder.session.size().columns, 80);
  EXPECT_EQ(holder.session.size().rows, 40);
  EXPECT_EQ(holder.session.size().width_pixels, 0);
  auto told = holder.frames(first);
  EXPECT_EQ(told.at(0).second, encode_notice(Clients{2}));
  EXPECT_EQ(told.at(1).second, encode_notice(SizeNotice{{80, 40, 0, 0}}));
  drained(holder.session, second);

  holder.attach({0, true, {}, WindowSize{10, 10, 0, 0}});
  EXPECT_EQ(holder.session.size().columns, 80) << "who watches does not rule";
  holder.say(second, Frame::resize, run::encode_resize({100, 50, 0, 0}));
  EXPECT_EQ(holder.session.size().columns, 100);
  holder.say(second, Frame::resize, run::encode_resize({0, 0, 0, 0}));
  EXPECT_EQ(holder.session.size().columns, 120) << "who does not know his size does not rule";
  holder.say(second, Frame::resize, run::encode_resize({90, 20, 0, 0}));
  holder.session.lost(second, holder.now);
  EXPECT_EQ(holder.session.size().columns, 120) << "nor who is gone";
  EXPECT_EQ(holder.session.size().height_pixels, 800);
  auto after = holder.frames(first);
  EXPECT_EQ(after.at(0).second, encode_notice(SizeNotice{{120, 40, 960, 800}}));
  EXPECT_EQ(after.size(), 1u) << "the one who watches has come, the other has gone";
}

TEST(HolderSessionTest, ASizeStaysWhenTheLastClientGoes) {
  Holder holder(terminal());
  auto id = holder.start();
  holder.say(id, Frame::resize, run::encode_resize({100, 30, 0, 0}));
  holder.session.lost(id, holder.now);
  EXPECT_EQ(holder.session.size().columns, 100);
  EXPECT_EQ(holder.host.sizes.size(), 1u);
}

TEST(HolderSessionTest, TooManyClientsAreRefused) {
  HolderSettings settings;
  settings.max_clients = 2;
  Holder holder(settings);
  holder.start();
  holder.attach();
  auto third = holder.resume(AttachRequest{});
  EXPECT_EQ(holder.refusal(third), "2 clients are attached already");
  auto stranger = holder.session.connect({}, Opening::resume, holder.now);
  holder.session.connect({}, Opening::resume, holder.now);
  EXPECT_EQ(holder.refusal(stranger), "");
  auto last = holder.session.connect({}, Opening::resume, holder.now);
  EXPECT_NE(holder.refusal(stranger), "") << "the one who has waited longest";
  EXPECT_EQ(holder.refusal(last), "");
}

}  // namespace
}  // namespace nigh::session
