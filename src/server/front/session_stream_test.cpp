// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "server/front/pipes_for_test.hpp"
#include "server/front/process_streams.hpp"
#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using run::Frame;
using run::frame;

const http2::Fields kSession = {{":method", "CONNECT"},
                                {":protocol", "nigh-session"},
                                {":scheme", "https"},
                                {":authority", "h"},
                                {":path", "/v1/sessions"}};

// A visitor in a session.
struct Session : Visitor {
  explicit Session(const http2::Limits& client_limits = {}) : Visitor({}, client_limits) {
    ::signal(SIGPIPE, SIG_IGN);
    start_worker();
    auto first = send(request("GET", "/v1/", bearer("t")));
    until([this] { return !asked.empty(); });
    decide(true);
    until([&] { return !answers[first].headers.empty(); });
    id = send(kSession, &body);
  }
  void say(std::string_view frames) {
    body.add(frames);
    client.resume(id);
  }
  Start ask(const Command& command) {
    say(frame(Frame::spec, run::encode_spec(command)));
    start = asked_of_worker<Start>();
    return start;
  }
  void begin() {
    ask({"cat"});
    worker_says(Started{start.request, 17}, std::move(pipes.handed));
    until([this] { return heard(Frame::started) == 1; });
  }
  // How many frames of that type the client has got by now.
  int heard(Frame type) {
    int count = 0;
    out.clear();
    run::FrameDecoder decoder(run::Receiver::client, {[&](Frame seen, std::string_view) {
                                                        count += seen == type;
                                                        return Result<void>();
                                                      },
                                                      [&](Frame seen, std::string_view piece) {
                                                        if (seen == type) out += piece;
                                                      }});
    EXPECT_TRUE(decoder.feed(answers[id].body));
    return count;
  }
  std::string status() { return answer(id).field(":status"); }

  Body body{"", false};
  http2::StreamId id = 0;
  Start start;
  Pipes pipes;
  std::string out;
};

TEST(SessionTest, InputOutputAndExitTravelAsFrames) {
  Session session;
  session.begin();
  EXPECT_EQ(session.answers[session.id].field("content-type"), kFramesType);
  session.say(frame(Frame::stdin_data, "to ") + frame(Frame::stdin_data, "cat") +
              frame(Frame::stdin_eof, ""));
  std::string input;
  session.until([&] { return !take(session.pipes.stdin_end, input); });
  EXPECT_EQ(input, "to cat");
  put(session.pipes.stdout_end, "from cat");
  session.pipes.close();
  session.worker_says(Exited{session.start.request, 1});
  EXPECT_EQ(session.status(), "200");
  EXPECT_EQ(session.heard(Frame::exit), 1);
  session.heard(Frame::stdout_data);
  EXPECT_EQ(session.out, "from cat");
}

TEST(SessionTest, ATerminalIsAskedForWithItsSize) {
  Session session;
  Command command{"top"};
  command.pty = Pty{"xterm", {100, 40, 7, 8}};
  auto start = session.ask(command);
  ASSERT_TRUE(start.terminal.has_value());
  EXPECT_EQ(start.terminal->term, "xterm");
  EXPECT_EQ(start.terminal->columns, 100u);
  EXPECT_EQ(start.terminal->rows, 40u);
}

TEST(SessionTest, SignalsGoToTheWorkerByNumber) {
  Session session;
  session.begin();
  session.say(frame(Frame::signal, "INT"));
  auto signal = session.asked_of_worker<SendSignal>();
  EXPECT_EQ(signal.process, session.start.request);
  EXPECT_EQ(signal.number, static_cast<std::uint32_t>(SIGINT));
}

TEST(SessionTest, ASignalGetsThroughWhileTheCommandReadsNothing) {
  Session session;
  session.begin();
  for (int i = 0; i < 16; ++i) session.say(frame(Frame::stdin_data, std::string(1 << 20, 'x')));
  session.say(frame(Frame::signal, "QUIT"));
  EXPECT_EQ(session.asked_of_worker<SendSignal>().number, static_cast<std::uint32_t>(SIGQUIT));
}

TEST(SessionTest, WhatBreaksTheRulesBeforeTheStartIsExplained) {
  const std::pair<std::string, const char*> table[] = {
      {frame(Frame::stdin_data, "x"), "session: a STDIN frame is not allowed now"},
      {frame(Frame::spec, "{}"), "give either"},
      {frame(Frame::exit, "{}"), "is not for this side"},
      {std::string("\x01\xff\xff\xff\xff", 5), "at most 163840 allowed"},
      {std::string("\x00\x00\x00\x00\x00", 5), "is not for this side"},
  };
  for (const auto& [frames, reason] : table) {
    Session session;
    session.say(frames);
    EXPECT_EQ(session.status(), "400");
    EXPECT_NE(session.answers[session.id].body.find(reason), std::string::npos)
        << session.answers[session.id].body;
    EXPECT_FALSE(session.worker->receive()->has_value()) << "nothing was started";
  }
}

TEST(SessionTest, AHalfThatEndsWithoutASpecOrInsideAFrameIsRefused) {
  for (const auto& frames :
       {std::string(), std::string("\x01\x00", 2), std::string("\x01\0\0\0\x09{", 6)}) {
    Session session;
    session.body.finish();
    session.say(frames);
    EXPECT_EQ(session.status(), "400");
  }
}

TEST(SessionTest, WhatBreaksTheRulesAfterTheStartResetsTheStreamAndHangsUp) {
  for (const auto& frames :
       {frame(Frame::spec, "{}"), frame(Frame::signal, "NOSUCH"), frame(Frame::resize, "short"),
        frame(Frame::output_closed, ""), frame(Frame::output_closed, "\x03"),
        frame(Frame::stdin_eof, "") + frame(Frame::stdin_data, "x")}) {
    Session session;
    session.begin();
    session.say(frames);
    EXPECT_EQ(session.answer(session.id).closed, http2::kProtocolError);
    EXPECT_EQ(session.asked_of_worker<Abandon>().process, session.start.request);
  }
}

TEST(SessionTest, MoreInputThanTheWindowResetsTheStream) {
  Session session;
  session.begin();
  for (int i = 0; i < 18; ++i) session.say(frame(Frame::stdin_data, std::string(1 << 20, 'x')));
  EXPECT_EQ(session.answer(session.id).closed, http2::kProtocolError);
}

TEST(SessionTest, ClosedOutputsAreClosedForTheCommand) {
  Session session;
  session.begin();
  session.say(frame(Frame::output_closed, "\x01"));
  session.until([&] {
    session.settle();
    return put(session.pipes.stdout_end, "x") == 0;
  });
  session.say(frame(Frame::output_closed, "\x02"));
  session.worker_says(Exited{session.start.request, 0, SIGPIPE});
  EXPECT_EQ(session.status(), "200");
  EXPECT_EQ(session.heard(Frame::exit), 1);
}

TEST(SessionTest, AClientThatLeavesHangsUpItsCommand) {
  Session session;
  session.begin();
  session.client.reset(session.id, http2::kCancel);
  EXPECT_EQ(session.asked_of_worker<Abandon>().process, session.start.request);
}

TEST(SessionTest, OutputThatIsStillToBeReadOutlivesTheWorker) {
  Session session;
  session.begin();
  session.worker_says(Exited{session.start.request, 0});
  session.settle();
  session.worker.reset();
  session.settle();
  put(session.pipes.stdout_end, "last words");
  session.pipes.close();
  EXPECT_EQ(session.answer(session.id).closed.value_or(0), 0u);
  EXPECT_EQ(session.heard(Frame::exit), 1);
}

// The client reads nothing, so that its stream stays; the worker's refusal then comes second.
TEST(SessionTest, ARefusalAfterAnErrorIsNotASecondAnswer) {
  http2::Limits reads_nothing;
  reads_nothing.stream_window = 0;
  Session session(reads_nothing);
  session.ask({"no-such-program"});
  session.say(frame(Frame::exit, ""));
  session.settle();
  session.worker_says(Failed{session.start.request, Trouble::not_found, "late"});
  session.settle();
  EXPECT_FALSE(session.server_ended);
  EXPECT_EQ(session.answers[session.id].field(":status"), "400");
}

TEST(SessionTest, AWorkersRefusalIsTheAnswer) {
  Session session;
  session.ask({"x"});
  session.worker_says(Failed{session.start.request, Trouble::not_permitted, "no-pty"});
  EXPECT_EQ(session.status(), "403");
}

}  // namespace
}  // namespace nigh::server
