// SPDX-License-Identifier: Apache-2.0
#include "service/session/client_session.hpp"

#include <gtest/gtest.h>

#include "service/session/session_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;

run::SessionNote note(std::uint64_t out = 0, std::uint64_t input = 0) {
  return {"k3x9q2mb", 1, "secret", false, 8000, input, 0, out, 0};
}

// A client of a server that says frames.
struct Client {
  Client() : session(R"({"argv":["cat"]})", taker) { begin(); }
  explicit Client(const AttachRequest& request) : session(request, taker) { begin(); }
  void begin() {
    session.connect();
    sent();
  }

  Frames sent() { return frames_of(drained(session)); }
  Result<void> hear(Frame type, std::string_view payload = "") {
    return session.receive(run::frame(type, payload));
  }
  Result<void> started(const run::SessionNote& note, std::uint64_t window = 65536) {
    return hear(Frame::started, run::encode_started({"4711", window, note}));
  }
  Result<void> notice(const Notice& what) { return hear(Frame::notice, encode_notice(what)); }
  // Loses the connection and gets another; what it says first.
  Frames reconnect() {
    session.disconnect();
    session.connect();
    return sent();
  }

  FakeTaker taker;
  ClientSession session;
};

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
  ASSERT_TRUE(client.started(note()));
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

TEST(ClientSessionTest, AcknowledgesOutputLongBeforeTheServerRunsFull) {
  Client client;
  ASSERT_TRUE(client.started(note()));
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

TEST(ClientSessionTest, LeavesBehindWhatItMaySend) {
  Client client;
  ASSERT_TRUE(client.started(note()));
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
  ASSERT_TRUE(client.started(note()));
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

// ---- state x frame -----------------------------------------------------------------------------

std::string payload_for(Frame type) {
  switch (type) {
    case Frame::started:
      return run::encode_started({"4711", 65536, note()});
    case Frame::stdout_data:
    case Frame::stderr_data:
    case Frame::screen:
      return "x";
    case Frame::ack:
      return run::encode_ack(0);
    case Frame::exit:
      return R"({"code":0})";
    case Frame::notice:
      return encode_notice(Clients{2});
    default:
      return "";
  }
}

TEST(ClientSessionTest, EveryFrameIsAcceptedOnlyInItsState) {
  struct Case {
    std::string name;
    std::vector<Frame> before;
    bool terminal;
    std::vector<Frame> allowed;
  };
  const std::vector<Case> table = {
      {"first", {}, false, {Frame::started}},
      {"open",
       {Frame::started},
       false,
       {Frame::stdout_data, Frame::stderr_data, Frame::ack, Frame::exit, Frame::notice}},
      {"repaint",
       {Frame::started},
       true,
       {Frame::screen, Frame::stderr_data, Frame::ack, Frame::notice}},
      {"over", {Frame::started, Frame::exit}, false, {}},
  };
  for (const auto& state : table)
    for (int type = 0; type < 256; ++type) {
      Client client(AttachRequest{});
      for (auto before : state.before) {
        auto terminal = note();
        terminal.terminal = state.terminal;
        auto heard = before == Frame::started ? client.started(terminal)
                                              : client.hear(before, payload_for(before));
        ASSERT_TRUE(heard) << state.name;
      }
      auto frame = static_cast<Frame>(type);
      EXPECT_EQ(client.hear(frame, payload_for(frame)).has_value(),
                std::ranges::find(state.allowed, frame) != state.allowed.end())
          << state.name << " " << type;
    }
}

TEST(ClientSessionTest, AServerThatContradictsItselfIsGivenUp) {
  auto refused = [](auto change) {
    Client client;
    EXPECT_TRUE(client.started(note()));
    EXPECT_TRUE(client.hear(Frame::stdout_data, "hello"));
    client.session.write("abc");
    client.sent();
    EXPECT_TRUE(client.hear(Frame::ack, run::encode_ack(1)));
    client.reconnect();
    auto again = note(5, 2);
    change(again);
    return !client.started(again);
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& note) { note.id = "other"; }));
  EXPECT_TRUE(refused([](auto& note) { note.attachment = 2; }));
  EXPECT_TRUE(refused([](auto& note) { note.terminal = true; }));
  EXPECT_TRUE(refused([](auto& note) { note.out = 4; })) << "what we have would come twice";
  EXPECT_TRUE(refused([](auto& note) { note.input = 0; })) << "it had more already";
  EXPECT_TRUE(refused([](auto& note) { note.input = 4; })) << "that was never sent";
  EXPECT_TRUE(refused([](auto& note) { note.signals = 1; }));

  Client client;
  auto begun = note(0, 1);
  EXPECT_FALSE(client.started(begun)) << "input of nobody";
  Client sent;
  ASSERT_TRUE(sent.started(note()));
  sent.session.write("abc");
  EXPECT_FALSE(sent.hear(Frame::ack, run::encode_ack(1))) << "not sent yet";
  Client backwards;
  ASSERT_TRUE(backwards.started(note()));
  backwards.session.write("abc");
  backwards.sent();
  ASSERT_TRUE(backwards.hear(Frame::ack, run::encode_ack(2)));
  EXPECT_FALSE(backwards.hear(Frame::ack, run::encode_ack(1)));
  Client much;
  ASSERT_TRUE(much.started(note()));
  ASSERT_TRUE(much.hear(Frame::stdout_data, "x"));
  EXPECT_FALSE(much.notice(Lost{Channel::out, UINT64_MAX}));
  EXPECT_FALSE(much.notice(SignalsTaken{1}));
}

}  // namespace
}  // namespace nigh::session
