// SPDX-License-Identifier: Apache-2.0
// Sessions that outlive their stream, with a worker and a holder that are played by the test.
#include "server/front/held_stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "server/front/pipes_for_test.hpp"
#include "server/front/process_streams.hpp"
#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using run::Frame;
using run::frame;

http2::Fields session(const std::string& path) {
  auto fields = request("CONNECT", path);
  fields.insert(fields.begin() + 1, {":protocol", "nigh-session"});
  return fields;
}

Command resumable() {
  Command command{"cat"};
  command.resume = true;
  return command;
}

struct Play : Visitor {
  Play() {
    ::signal(SIGPIPE, SIG_IGN);
    log_in();
    start_worker();
    int ends[2];
    expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "pair");
    holder = UniqueFd(ends[0]);
    handed.emplace_back(ends[1]);
    farewell = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    handed.emplace_back(::fcntl(farewell.get(), F_DUPFD_CLOEXEC, 3));
    handed.emplace_back(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3));
  }
  void say(std::string_view bytes) {
    body.add(bytes);
    client.resume(id);
  }
  StartSession start(const Command& command, std::string_view behind = "") {
    auto fields = session("/v1/sessions");
    fields.insert(fields.end(), way.begin(), way.end());
    id = send(fields, &body);
    say(frame(Frame::spec, run::encode_spec(command)) + std::string(behind));
    return asked_of_worker<StartSession>();
  }
  AttachSession attach(const std::string& name) {
    id = send(session("/v1/sessions/" + name), &body);
    return asked_of_worker<AttachSession>();
  }
  void started(RequestId request) { worker_says(Started{request, 17}, std::move(handed)); }
  // What has come to the holder, up to that many bytes.
  std::string heard(std::size_t size) {
    std::string got;
    until([&] {
      take(holder, got);
      return got.size() >= size;
    });
    return got;
  }
  bool farewell_was_said() {
    std::uint64_t word = 0;
    return ::read(farewell.get(), &word, sizeof word) == sizeof word;
  }
  bool holder_sees_end() {
    std::string rest;
    return !take(holder, rest);
  }

  http2::Fields way;  // of the request for the session
  UniqueFd holder, farewell;
  std::vector<UniqueFd> handed;
  Body body{"", false};
  http2::StreamId id = 0;
};

TEST(HeldStreamTest, EverythingBehindTheSpecPassesUnseenAndSoDoesWhatComesBack) {
  Play play;
  auto command = resumable();
  command.name = "work";
  command.keep = true;
  command.time_limit = std::chrono::milliseconds(1500);
  auto start = play.start(command, "no frames");
  EXPECT_EQ(start.command.argv, std::vector<std::string>{"cat"});
  EXPECT_EQ(start.command.grant, "grant");
  EXPECT_EQ(start.name, "work");
  EXPECT_TRUE(start.keep);
  EXPECT_EQ(start.time_limit_ms, 1500u);
  play.started(start.request);
  EXPECT_EQ(play.heard(9), "no frames");
  play.say(" at all");
  EXPECT_EQ(play.heard(7), " at all");
  put(play.holder, "nor here");
  play.until([&] { return play.answers[play.id].body == "nor here"; });
  EXPECT_EQ(play.answers[play.id].field(":status"), "200");
  EXPECT_EQ(play.answers[play.id].field("content-type"), kFramesType);
}

TEST(HeldStreamTest, ASpecThatComesInPiecesIsCutOffAtItsEnd) {
  Play play;
  auto spec = frame(Frame::spec, run::encode_spec(resumable()));
  play.id = play.send(session("/v1/sessions"), &play.body);
  for (char byte : spec) {
    play.say({&byte, 1});
    play.settle();
  }
  auto start = play.asked_of_worker<StartSession>();
  play.say("x");
  play.started(start.request);
  EXPECT_EQ(play.heard(1), "x");
}

TEST(HeldStreamTest, EachHalfEndsByItself) {
  Play play;
  auto start = play.start(resumable());
  play.started(start.request);
  play.body.finish();
  play.say("last");
  EXPECT_EQ(play.heard(4), "last");
  play.until([&] { return play.holder_sees_end(); });
  put(play.holder, "words");
  play.holder.reset();
  const auto& answer = play.answer(play.id);
  EXPECT_EQ(answer.body, "words");
  EXPECT_TRUE(answer.ended);
}

TEST(HeldStreamTest, TheEndOfTheHoldersHalfEndsTheStream) {
  Play play;
  play.started(play.start(resumable()).request);
  play.holder.reset();
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_TRUE(play.answers[play.id].ended);
}

TEST(HeldStreamTest, AClientThatIsCutOffClosesTheSocketAndHangsNothingUp) {
  Play play;
  play.started(play.start(resumable()).request);
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  play.client.reset(play.id, http2::kCancel);
  play.until([&] { return play.holder_sees_end(); });
  EXPECT_TRUE(play.farewell_was_said());
  play.settle();
  EXPECT_FALSE(play.worker->receive()->has_value()) << "the worker was told to do something";
}

// The client's connection to the server ends, with or without a GOAWAY.
bool takes_it_for_left(const http2::Fields& way, bool goodbye) {
  Play play;
  play.way = way;
  play.started(play.start(resumable()).request);
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  if (goodbye)
    play.client.terminate(http2::kNoError);
  else
    ::shutdown(play.client.stream().socket().native_handle(), SHUT_RDWR);
  play.until([&] { return play.server_ended; });
  play.server.reset();
  EXPECT_TRUE(play.holder_sees_end());
  return play.farewell_was_said();
}

TEST(HeldStreamTest, AClientWhoseConnectionEndsHasLeft) {
  EXPECT_TRUE(takes_it_for_left({}, false));
  EXPECT_TRUE(takes_it_for_left({}, true));
}

TEST(HeldStreamTest, AClientThatARelayCarriesIsLostUnlessItSaysGoodbye) {
  EXPECT_FALSE(takes_it_for_left({{"nigh-relayed", "?1"}}, false));
  EXPECT_TRUE(takes_it_for_left({{"nigh-relayed", "?1"}}, true));
}

TEST(HeldStreamTest, AClientThatLeavesBeforeTheStartUndoesIt) {
  Play play;
  auto start = play.start(resumable());
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, start.request);
}

TEST(HeldStreamTest, InputThatTheHolderDoesNotTakeHoldsTheClientBack) {
  Play play;
  play.started(play.start(resumable()).request);
  const std::size_t much = 80u << 20;
  play.say(std::string(much, 'x'));
  for (std::size_t before = 1; before != play.body.sent();) {
    before = play.body.sent();
    play.settle();
  }
  EXPECT_LT(play.body.sent(), 40u << 20) << "what one stream's window allows, and a little";
  std::size_t got = 0;
  std::string piece;
  play.until([&] {
    piece.clear();
    take(play.holder, piece);
    return (got += piece.size()) == much;
  });
}

TEST(HeldStreamTest, TheWorkersDeathIsNothingToASessionThatHasStarted) {
  Play play;
  play.started(play.start(resumable()).request);
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  play.worker.reset();
  play.settle();
  put(play.holder, "alive");
  play.until([&] { return play.answers[play.id].body == "alive"; });
}

TEST(HeldStreamTest, AnAttachmentIsToTheSessionThatThePathNames) {
  Play play;
  auto attach = play.attach("abcdefgh");
  EXPECT_EQ(attach.session, "abcdefgh");
  EXPECT_EQ(attach.grant, "grant");
  EXPECT_TRUE(attach.connection.starts_with("192.0.2.1 4711 "));
  play.say("RESUME, whatever it says");
  play.started(attach.request);
  EXPECT_EQ(play.heard(24), "RESUME, whatever it says");
}

TEST(HeldStreamTest, ARefusalIsAProblemDocument) {
  Play play;
  auto attach = play.attach("other");
  play.say("RESUME");
  play.worker_says(Failed{attach.request, Trouble::not_permitted, "not yours"});
  EXPECT_EQ(play.answer(play.id).field(":status"), "403");
  Play named;
  auto start = named.start(resumable());
  named.worker_says(Failed{start.request, Trouble::exists, "there is one"});
  EXPECT_EQ(named.answer(named.id).field(":status"), "409");
}

TEST(HeldStreamTest, WhereNothingCanOutliveItsConnectionACommandRunsAllTheSame) {
  Play play;
  auto refused = play.start(resumable(), frame(Frame::stdin_data, "typed"));
  play.worker_says(Failed{refused.request, Trouble::no_sessions, "none"});
  auto start = play.asked_of_worker<Start>();
  EXPECT_EQ(start.argv, std::vector<std::string>{"cat"});
  Pipes pipes;
  play.worker_says(Started{start.request, 17}, std::move(pipes.handed));
  std::string got;
  play.until([&] {
    take(pipes.stdin_end, got);
    return got == "typed";
  });

  Play kept;
  auto command = resumable();
  command.keep = true;
  kept.worker_says(Failed{kept.start(command).request, Trouble::no_sessions, "none"});
  EXPECT_EQ(kept.answer(kept.id).field(":status"), "503");
}

TEST(HeldStreamTest, AClientThatLeavesWhileTheFrontIsAboutToEndHasLeft) {
  Play play;
  play.started(play.start(resumable()).request);
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  play.server->drain();
  play.client.stream().close();
  play.until([&] { return play.server_ended; });
  play.server.reset();
  EXPECT_TRUE(play.holder_sees_end());
  EXPECT_TRUE(play.farewell_was_said());
}

TEST(HeldStreamTest, WhenTheFrontIsAboutToEndItsClientsAreSentAway) {
  Play passing;
  passing.started(passing.start(resumable()).request);
  passing.until([&] { return !passing.answers[passing.id].headers.empty(); });
  passing.server->drain();
  passing.settle();
  EXPECT_FALSE(passing.answers[passing.id].closed) << "it may finish";

  Play play;
  auto kept = resumable();
  kept.keep = true;
  play.started(play.start(kept).request);
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  play.server->drain();
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kCancel);
  EXPECT_FALSE(play.farewell_was_said()) << "it will come back";
  play.until([&] { return play.server_ended; });
}

}  // namespace
}  // namespace nigh::server
