// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "server/front/pipes_for_test.hpp"
#include "server/front/process_streams.hpp"
#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using Json = nlohmann::json;

// A visitor who has logged in, with a worker behind the server.
struct Guest : Visitor {
  explicit Guest(const http2::Limits& client_limits = {}, const ConnectionSettings& settings = {})
      : Visitor(settings, client_limits) {
    ::signal(SIGPIPE, SIG_IGN);
    start_worker();
    log_in();
  }
  http2::StreamId run(const std::string& json, http2::Fields more = {}) {
    body = Body(json);
    return send(request("POST", "/v1/run", std::move(more)), &body);
  }
  Start begin(Pipes& pipes) {
    auto start = asked_of_worker<Start>();
    worker_says(Started{start.request, 17}, std::move(pipes.handed));
    return start;
  }
  Json json(http2::StreamId id) { return Json::parse(answer(id).body); }
  Body body;
};

const http2::Fields kWantsFrames = {{"accept", kFramesType}};

TEST(JsonRunTest, TheRequestReachesTheWorkerAndItsOutputTheClient) {
  Guest guest;
  auto id =
      guest.run(R"({"argv":["a","b c"],"env":{"K":"V"},"cwd":"/d","stdin":"to the command"})");
  Pipes pipes;
  auto start = guest.begin(pipes);
  EXPECT_EQ(start.grant, "grant");
  EXPECT_EQ(start.argv, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(start.environment, std::vector<std::string>{"K=V"});
  EXPECT_EQ(start.directory, "/d");
  EXPECT_FALSE(start.terminal.has_value());
  EXPECT_TRUE(start.connection.starts_with("192.0.2.1 4711 127.0.0.1 ")) << start.connection;
  std::string input;
  guest.until([&] { return !take(pipes.stdin_end, input); });
  EXPECT_EQ(input, "to the command");
  put(pipes.stdout_end, "out");
  put(pipes.stderr_end, "err");
  pipes.close();
  guest.worker_says(Exited{start.request, 3});
  EXPECT_EQ(guest.answer(id).field(":status"), "200");
  auto result = guest.json(id);
  EXPECT_EQ(result["exit"], 3);
  EXPECT_EQ(result["stdout"], "out");
  EXPECT_EQ(result["stderr"], "err");
}

TEST(JsonRunTest, OutputIsReadToItsEndAlsoWhenItComesAfterTheExit) {
  Guest guest;
  auto id = guest.run(R"({"command":"x"})");
  Pipes pipes;
  auto start = guest.begin(pipes);
  EXPECT_EQ(start.command_line, "x");
  guest.worker_says(Exited{start.request, 0, 9});
  guest.settle();
  EXPECT_FALSE(guest.answers[id].ended);
  put(pipes.stdout_end, "late");
  pipes.close();
  auto result = guest.json(id);
  EXPECT_EQ(result["stdout"], "late");
  EXPECT_EQ(result["signal"], "KILL");
  EXPECT_EQ(result["exit"], 137);
}

TEST(JsonRunTest, MoreOutputThanFitsEndsTheCommandWhicheverStreamItIsOn) {
  for (bool is_stdout : {true, false}) {
    Guest guest;
    auto id = guest.run(R"({"argv":["yes"]})");
    Pipes pipes;
    auto start = guest.begin(pipes);
    const std::string block(64 * 1024, 'y');
    const auto& flood = is_stdout ? pipes.stdout_end : pipes.stderr_end;
    guest.until([&] {
      put(flood, block);
      return guest.answers[id].ended;
    });
    EXPECT_EQ(guest.answers[id].field(":status"), "500");
    EXPECT_EQ(guest.json(id)["type"], "urn:nigh:problem:too-large");
    auto signal = guest.asked_of_worker<SendSignal>();
    EXPECT_EQ(signal.process, start.request);
    EXPECT_EQ(signal.number, static_cast<std::uint32_t>(SIGKILL));
  }
}

TEST(JsonRunTest, OutputCountsAmongWhatIsKeptForAConnection) {
  Guest guest({}, {.kept_bytes = 10'000});
  auto id = guest.run(R"({"argv":["x"]})");
  Pipes pipes;
  auto start = guest.begin(pipes);
  put(pipes.stdout_end, std::string(11'000, 'x'));
  EXPECT_EQ(guest.answer(id).field(":status"), "503");
  EXPECT_EQ(guest.asked_of_worker<SendSignal>().number, std::uint32_t{SIGKILL});
}

TEST(RunTest, ARequestThatMakesNoSenseIsExplained) {
  for (const auto& accept : {http2::Fields(), kWantsFrames}) {
    Guest guest;
    auto id = guest.run("{}", accept);
    EXPECT_EQ(guest.answer(id).field(":status"), "400");
    EXPECT_EQ(guest.json(id)["detail"], "request: give either \"argv\" or \"command\"");
    EXPECT_EQ(guest.answer(guest.run("", accept)).field(":status"), "400");
    id = guest.run(R"({"argv":["x",)" + std::string(5 << 20, ' '), accept);
    EXPECT_EQ(guest.answer(id).field(":status"), "413");
    std::string many = R"({"argv":[""))";
    many.back() = ' ';
    for (int i = 0; i < 300'000; ++i) many += R"(,"")";
    id = guest.run(many + "]}", accept);
    EXPECT_EQ(guest.answer(id).field(":status"), "400") << "words that fit no packet";
  }
}

TEST(RunTest, EveryRefusalOfTheWorkerHasItsStatus) {
  const std::pair<Trouble, const char*> table[] = {
      {Trouble::not_permitted, "403"},  {Trouble::not_found, "404"},
      {Trouble::not_executable, "403"}, {Trouble::bad_request, "400"},
      {Trouble::unauthorized, "401"},   {Trouble::busy, "503"},
      {Trouble::internal, "500"}};
  for (const auto& accept : {http2::Fields(), kWantsFrames}) {
    Guest guest;
    for (const auto& [trouble, status] : table) {
      auto id = guest.run(R"({"argv":["x"]})", accept);
      auto start = guest.asked_of_worker<Start>();
      guest.worker_says(Failed{start.request, trouble, "because \xff"});
      EXPECT_EQ(guest.answer(id).field(":status"), status);
      EXPECT_EQ(guest.json(id)["detail"], "because \xef\xbf\xbd");
    }
  }
}

TEST(RunTest, WithoutAWorkerTheClientIsToldToTryAgain) {
  Visitor visitor;
  visitor.log_in();
  Body body(R"({"argv":["x"]})");
  auto id = visitor.send(request("POST", "/v1/run"), &body);
  EXPECT_EQ(visitor.answer(id).field(":status"), "500");
  EXPECT_EQ(Json::parse(visitor.answer(id).body)["detail"], "the server's worker died; try again");
}

// Before the start that is an answer; after it the stream breaks, unless nothing was answered yet.
TEST(RunTest, TheWorkersDeathEndsWhatItWasAskedForAndNothingElse) {
  for (bool started : {false, true})
    for (const auto& accept : {http2::Fields(), kWantsFrames}) {
      Guest guest;
      auto id = guest.run(R"({"argv":["x"]})", accept);
      Pipes pipes;
      if (started)
        guest.begin(pipes);
      else
        guest.asked_of_worker<Start>();
      guest.settle();
      guest.worker.reset();
      const auto& answer = guest.answer(id);
      if (started && !accept.empty())
        EXPECT_EQ(answer.closed, http2::kInternalError);
      else
        EXPECT_EQ(answer.field(":status"), "500");
      EXPECT_EQ(guest.status(request("GET", "/v1/")), "200") << "the connection goes on";
      guest.start_worker();
      guest.run(R"({"argv":["next"]})");
      EXPECT_EQ(guest.asked_of_worker<Start>().argv[0], "next");
    }
}

// A client that reads nothing keeps its streams open: whatever else is said must not answer twice.
TEST(RunTest, AnAnswerThatNobodyReadsIsNotFollowedByAnother) {
  http2::Limits reads_nothing;
  reads_nothing.stream_window = 0;
  for (const auto& accept : {http2::Fields(), kWantsFrames})
    for (bool started : {false, true}) {
      Visitor visitor({}, reads_nothing);
      visitor.start_worker();
      visitor.send(request("GET", "/v1/", bearer("t")));
      visitor.until([&] { return !visitor.asked.empty(); });
      visitor.decide(true);
      Body body(R"({"argv":["x"]})");
      visitor.send(request("POST", "/v1/run", accept), &body);
      auto start = visitor.asked_of_worker<Start>();
      Pipes pipes;
      if (started) visitor.worker_says(Started{start.request, 1}, std::move(pipes.handed));
      visitor.worker_says(Failed{start.request, Trouble::internal, "first"});
      visitor.worker_says(Failed{start.request, Trouble::internal, "second"});
      visitor.worker_says(Started{start.request, 2}, std::move(Pipes().handed));
      visitor.settle();
      visitor.worker.reset();
      visitor.settle();
      EXPECT_FALSE(visitor.server_ended);
    }
}

TEST(FramedRunTest, OutputComesAsFramesAndExitIsTheLast) {
  Guest guest;
  auto id = guest.run(R"({"argv":["cat"],"stdin":"in"})", kWantsFrames);
  Pipes pipes;
  auto start = guest.begin(pipes);
  std::string input;
  guest.until([&] { return !take(pipes.stdin_end, input); });
  EXPECT_EQ(input, "in");
  put(pipes.stdout_end, "out");
  guest.until([&] { return guest.answers[id].body.find("out") != std::string::npos; });
  pipes.close();
  guest.worker_says(Exited{start.request, 4});
  const auto& answer = guest.answer(id);
  EXPECT_EQ(answer.field("content-type"), kFramesType);
  std::vector<run::Frame> seen;
  run::FrameDecoder decoder(run::Receiver::client,
                            {[&](run::Frame type, std::string_view) {
                               seen.push_back(type);
                               return Result<void>();
                             },
                             [&](run::Frame type, std::string_view) { seen.push_back(type); }});
  ASSERT_TRUE(decoder.feed(answer.body));
  EXPECT_EQ(seen, (std::vector{run::Frame::started, run::Frame::stdout_data, run::Frame::exit}));
}

TEST(RunTest, ACommandWhoseClientLeftIsAbandoned) {
  for (const auto& accept : {http2::Fields(), kWantsFrames})
    for (bool started : {false, true}) {
      Guest guest;
      auto id = guest.run(R"({"argv":["x"]})", accept);
      Pipes pipes;
      auto start = started ? guest.begin(pipes) : guest.asked_of_worker<Start>();
      guest.settle();
      guest.client.reset(id, http2::kCancel);
      EXPECT_EQ(guest.asked_of_worker<Abandon>().process, start.request);
      if (!started) guest.worker_says(Started{start.request, 1}, std::move(pipes.handed));
      guest.settle();
      EXPECT_EQ(put(pipes.stdout_end, "x"), 0u) << "and its output has no reader";
    }
}

TEST(RunTest, ATimeLimitIsKeptWithTermFirst) {
  Guest guest;
  guest.run(R"({"argv":["x"],"timeout_ms":0})");
  Pipes pipes;
  auto start = guest.begin(pipes);
  EXPECT_EQ(guest.asked_of_worker<SendSignal>().number, static_cast<std::uint32_t>(SIGTERM));
  EXPECT_EQ(guest.asked_of_worker<SendSignal>().number, static_cast<std::uint32_t>(SIGCONT));
  guest.worker_says(Exited{start.request, 0, SIGTERM});
  pipes.close();
  EXPECT_EQ(guest.answer(3).field(":status"), "200");
  EXPECT_EQ(guest.json(3)["timed_out"], true);
}

}  // namespace
}  // namespace nigh::server
