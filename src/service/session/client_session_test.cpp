// SPDX-License-Identifier: Apache-2.0
#include "service/session/client_session.hpp"

#include <gtest/gtest.h>

#include "service/session/client_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;

ResumeRequest resume_of(const Frames& frames) {
  EXPECT_FALSE(frames.empty());
  EXPECT_EQ(frames.at(0).first, Frame::resume);
  return std::get<ResumeRequest>(decode_resume(frames.at(0).second).value());
}

TEST(ClientSessionTest, BeginsWithItsSpecAndInputBehindIt) {
  FakeTaker taker;
  ClientSession session(R"({"argv":["cat"]})", taker);
  EXPECT_FALSE(session.has_output());
  EXPECT_EQ(session.write("hello"), 5u);
  session.connect();
  auto frames = frames_of(drained(session));
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0], std::pair(Frame::spec, std::string(R"({"argv":["cat"]})")));
  EXPECT_EQ(frames[1], std::pair(Frame::stdin_data, std::string("hello")));
  session.connect();
  EXPECT_EQ(frames_of(drained(session)), frames) << "nothing was answered: all again";
}

TEST(ClientSessionTest, AttachesWithItsRequest) {
  FakeTaker taker;
  ClientSession session(AttachRequest{500, false, {}, WindowSize{100, 30, 0, 0}}, taker);
  session.connect();
  auto frames = frames_of(drained(session));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(std::get<AttachRequest>(*decode_resume(frames[0].second)).size->columns, 100);
}

TEST(ClientSessionTest, ResumesFromWhereItIs) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  EXPECT_TRUE(client.session.is_resumable());
  ASSERT_TRUE(client.hear(Frame::stdout_data, "hello"));
  ASSERT_TRUE(client.hear(Frame::stderr_data, "oh"));
  client.session.write("abcdef");
  client.sent();
  ASSERT_TRUE(client.hear(Frame::ack, run::encode_ack(2)));
  auto again = client.reconnect();
  auto request = resume_of(again);
  EXPECT_EQ(request.attachment, 1u);
  EXPECT_EQ(request.attempt, 1u);
  EXPECT_EQ(request.out, 5u);
  EXPECT_EQ(request.err, 2u);
  EXPECT_FALSE(request.screen);
  EXPECT_EQ(request.again->input, 2u);
  ASSERT_EQ(again.size(), 2u) << "little input goes along";
  EXPECT_EQ(again[1], std::pair(Frame::stdin_data, std::string("cdef")));
  auto there = note(5, 4);
  there.err = 2;
  ASSERT_TRUE(client.started(there));
  ASSERT_TRUE(client.hear(Frame::stdout_data, " world"));
  EXPECT_EQ(client.taker.out, "hello world");
  EXPECT_EQ(client.taker.started, 2);
}

TEST(ClientSessionTest, MuchInputWaitsToBeToldFromWhere) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  std::string input(20'000, 'x');
  EXPECT_EQ(client.session.write(input + "y"), 20'001u);
  client.sent();
  auto again = client.reconnect();
  EXPECT_FALSE(resume_of(again).again);
  EXPECT_EQ(again.size(), 1u);
  ASSERT_TRUE(client.started(note(0, 19'999)));
  auto frames = client.sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].second, "xy");
  EXPECT_EQ(client.session.input_kept(), 2u);
}

TEST(ClientSessionTest, WhatIsIdempotentIsSaidAgain) {
  Client client;
  ASSERT_TRUE(client.begun());
  client.session.resize({100, 30, 0, 0});
  client.session.close_output(Channel::err);
  client.session.end_input();
  client.session.hang_up();
  ASSERT_TRUE(client.session.signal("INT"));
  const auto first = client.sent();
  EXPECT_EQ(first.size(), 5u);
  EXPECT_TRUE(client.sent().empty()) << "once a connection";
  auto again = client.reconnect();
  again.erase(again.begin());
  EXPECT_EQ(again, first);
}

TEST(ClientSessionTest, InputEndsBehindAllOfIt) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  std::string input(100'000, 'x');
  auto written = client.session.write(input);
  EXPECT_EQ(written, 65'536u);
  EXPECT_FALSE(client.session.wants_input());
  EXPECT_TRUE(client.session.input_room().empty());
  client.sent();
  ASSERT_TRUE(client.hear(Frame::ack, run::encode_ack(65'536)));
  EXPECT_EQ(client.session.write(input.substr(written)), input.size() - written);
  client.session.end_input();
  EXPECT_EQ(client.session.write("more"), 0u);
  auto frames = client.sent();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].second.size(), input.size() - written);
  EXPECT_EQ(frames[1].first, Frame::stdin_eof);
}

TEST(ClientSessionTest, SaysOnceThatItKnowsOfTheSessionThatItStarted) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  EXPECT_EQ(client.sent(), Frames({{Frame::output_ack, encode_output_ack({})}}));
  EXPECT_FALSE(client.session.has_output());
  client.reconnect();
  ASSERT_TRUE(client.started(note()));
  EXPECT_FALSE(client.session.has_output()) << "RESUME has said it";
  Client later(AttachRequest{});
  ASSERT_TRUE(later.started(note()));
  EXPECT_FALSE(later.session.has_output());
}

TEST(ClientSessionTest, AcknowledgesOutputLongBeforeTheServerRunsFull) {
  Client client;
  ASSERT_TRUE(client.begun());
  ASSERT_TRUE(client.hear(Frame::stdout_data, std::string(1000, 'x')));
  EXPECT_FALSE(client.session.has_output());
  ASSERT_TRUE(client.hear(Frame::stdout_data, std::string(1000, 'x')));
  auto frames = client.sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], std::pair(Frame::output_ack, encode_output_ack({2000, 0})));
}

TEST(ClientSessionTest, ExitIsAcknowledgedAndTheEnd) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  ASSERT_TRUE(client.session.signal("INT"));
  ASSERT_TRUE(client.hear(Frame::exit, R"({"code":3})"));
  EXPECT_TRUE(client.session.is_over());
  EXPECT_EQ(client.session.exit()->code, 3);
  auto frames = client.sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].first, Frame::exit_ack);
}

TEST(ClientSessionTest, ExitThatIsHeldIsAcknowledgedWhenItIsConfirmed) {
  Client client;
  client.session.hold_exit();
  ASSERT_TRUE(client.started(note()));
  ASSERT_TRUE(client.hear(Frame::exit, R"({"code":3})"));
  EXPECT_TRUE(client.session.is_over());
  EXPECT_TRUE(client.sent().empty());
  client.session.confirm_exit();
  EXPECT_EQ(client.sent().at(0).first, Frame::exit_ack);
  client.session.confirm_exit();
  EXPECT_TRUE(client.sent().empty());
}

TEST(ClientSessionTest, WhoLeavesDoesNotCollectAnExitThatComesMeanwhile) {
  Client client;
  client.session.hold_exit();
  ASSERT_TRUE(client.started(note()));
  client.session.detach();
  ASSERT_TRUE(client.hear(Frame::exit, R"({"code":3})"));
  auto frames = client.sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].first, Frame::detach);

  Client gone;
  ASSERT_TRUE(gone.begun());
  gone.session.detach();
  EXPECT_EQ(gone.sent().at(0).first, Frame::detach);
  ASSERT_TRUE(gone.hear(Frame::exit, R"({"code":3})"));
  EXPECT_TRUE(gone.sent().empty());
}

TEST(ClientSessionTest, LeavesBehindWhatItMaySend) {
  Client client;
  ASSERT_TRUE(client.begun());
  client.session.write("last words");
  client.session.detach();
  EXPECT_FALSE(client.session.is_over());
  auto frames = client.sent();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].second, "last words");
  EXPECT_EQ(frames[1].first, Frame::detach);
  EXPECT_TRUE(client.session.is_over());

  Client unconnected;
  ASSERT_TRUE(unconnected.started(note()));
  unconnected.session.disconnect();
  unconnected.session.detach();
  EXPECT_TRUE(unconnected.session.is_over());

  Client cut;
  ASSERT_TRUE(cut.started(note()));
  cut.session.detach();
  cut.session.disconnect();
  EXPECT_TRUE(cut.session.is_over());
}

TEST(ClientSessionTest, OutputThatIsNotWantedIsDropped) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  client.session.close_output(Channel::out);
  ASSERT_TRUE(client.hear(Frame::stdout_data, "late"));
  EXPECT_EQ(client.taker.out, "");
  EXPECT_EQ(resume_of(client.reconnect()).out, 4u);
}

TEST(ClientSessionTest, WhatWasLostIsTold) {
  Client client;
  ASSERT_TRUE(client.started(note()));
  ASSERT_TRUE(client.hear(Frame::stdout_data, "ab"));
  ASSERT_TRUE(client.notice(Lost{Channel::out, 10}));
  EXPECT_EQ(client.taker.lost_out, 10u);
  EXPECT_EQ(resume_of(client.reconnect()).out, 12u);
  ASSERT_TRUE(client.started(note(20)));
  EXPECT_EQ(client.taker.lost_out, 18u);
  Client attaching(AttachRequest{});
  ASSERT_TRUE(attaching.started(note(5)));
  EXPECT_EQ(attaching.taker.lost_out, 5u) << "it wanted all";
  Client tail(AttachRequest{0, false, 3, {}});
  ASSERT_TRUE(tail.started(note(5)));
  EXPECT_EQ(tail.taker.lost_out, 0u);
}

TEST(ClientSessionTest, ATerminalIsPaintedWhereItIsDue) {
  Client client(AttachRequest{});
  auto terminal = note(100);
  terminal.terminal = true;
  ASSERT_TRUE(client.started(terminal));
  EXPECT_EQ(client.taker.lost_out, 0u);
  ASSERT_TRUE(client.hear(Frame::screen, "half"));
  EXPECT_TRUE(resume_of(client.reconnect()).screen) << "it was not whole";
  terminal.out = 150;
  ASSERT_TRUE(client.started(terminal));
  EXPECT_EQ(client.taker.lost_out, 0u) << "the repaint shows it";
  ASSERT_TRUE(client.hear(Frame::screen, "whole"));
  ASSERT_TRUE(client.hear(Frame::screen));
  EXPECT_EQ(client.taker.screen, "halfwhole");
  ASSERT_TRUE(client.hear(Frame::stdout_data, "x"));
  EXPECT_FALSE(resume_of(client.reconnect()).screen);
  terminal.out = 200;
  ASSERT_TRUE(client.started(terminal));
  EXPECT_EQ(client.taker.lost_out, 49u);
  EXPECT_FALSE(client.hear(Frame::stdout_data, "x")) << "a repaint comes first";
}

TEST(ClientSessionTest, SignalsAreKeptUntilTheyAreConfirmed) {
  Client client;
  ASSERT_TRUE(client.begun());
  EXPECT_EQ(client.session.signal("SIGINT").error().code, Errc::usage);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.session.signal("USR1"));
  EXPECT_EQ(client.sent().size(), 100u);
  ASSERT_TRUE(client.notice(SignalsTaken{64}));
  auto again = client.reconnect();
  EXPECT_EQ(resume_of(again).again->signals, 64u);
  EXPECT_EQ(again.size(), 37u);
  for (int i = 36; i < 1024; ++i) ASSERT_TRUE(client.session.signal("USR2"));
  EXPECT_EQ(client.session.signal("USR2").error().code, Errc::too_large);
  EXPECT_FALSE(resume_of(client.reconnect()).again) << "too many to go along";
  auto confirmed = note();
  confirmed.signals = 90;
  ASSERT_TRUE(client.started(confirmed));
  EXPECT_EQ(client.sent().size(), 1024u - 26u);
}

TEST(ClientSessionTest, WhoWatchesSendsNothingThatChangesAnything) {
  Client client(AttachRequest{0, true, {}, {}});
  ASSERT_TRUE(client.started(note()));
  EXPECT_EQ(client.session.write("x"), 0u);
  EXPECT_TRUE(client.session.input_room().empty());
  EXPECT_EQ(client.session.signal("INT").error().code, Errc::refused);
  client.session.resize({1, 1, 0, 0});
  client.session.hang_up();
  client.session.end_input();
  EXPECT_TRUE(client.sent().empty());
}

TEST(ClientSessionTest, ADetachedOneIsOver) {
  Client client;
  ASSERT_TRUE(client.notice(Detached{"no room"}));
  EXPECT_TRUE(client.session.is_over());
  EXPECT_EQ(client.session.detached(), "no room");
  EXPECT_FALSE(client.session.has_output());
  EXPECT_TRUE(client.session.receive("whatever comes now"));
}

TEST(ClientSessionTest, AServerWithoutSessionsGetsNothingThatItDoesNotKnow) {
  Client client;
  ASSERT_TRUE(client.hear(Frame::started, run::encode_started({"4711", 65536})));
  EXPECT_FALSE(client.session.is_resumable());
  client.session.write("abc");
  ASSERT_TRUE(client.session.signal("INT"));
  client.session.hang_up();
  EXPECT_EQ(client.sent().size(), 2u);
  EXPECT_EQ(client.session.input_kept(), 0u) << "nobody would ask for it";
  ASSERT_TRUE(client.hear(Frame::stdout_data, std::string(100'000, 'x')));
  EXPECT_FALSE(client.session.has_output());
  EXPECT_FALSE(client.notice(Clients{2}));
  ASSERT_TRUE(client.hear(Frame::exit, R"({"code":0})"));
  EXPECT_TRUE(client.sent().empty());
}

}  // namespace
}  // namespace nigh::session
