// SPDX-License-Identifier: Apache-2.0
// Requests about channels, with a worker and a process of the channels that are played by the test.
#include "server/front/channel_stream.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "server/front/pipes_for_test.hpp"
#include "server/front/visitor_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using Json = nlohmann::json;
using resource::ResponseHead;

http2::Fields channel(const std::string& path) {
  auto fields = request("CONNECT", path);
  fields.insert(fields.begin() + 1, {":protocol", "nigh-channel"});
  return fields;
}

// A visitor who is logged in, and what the worker and the process do.
struct Play : Visitor {
  Play() {
    ::signal(SIGPIPE, SIG_IGN);  // as in every front
    log_in();
    start_worker();
  }

  void ask(const http2::Fields& fields, http2::BodySource* body = nullptr) {
    id = send(fields, body);
    auto open = asked_of_worker<OpenChannels>();
    asked = open.request;
    EXPECT_EQ(open.grant, "grant");
  }
  // The worker has connected to the process; the head of the request.
  resource::RequestHead start() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    process = UniqueFd(ends[0]);
    std::vector<UniqueFd> handed;
    handed.emplace_back(::dup(ends[1]));
    handed.emplace_back(ends[1]);
    worker_says(Started{asked, 0}, std::move(handed));
    until([&] {
      take(process, input);
      return input.size() >= 4 && input.size() >= 4 + wire::Reader(input).u32();
    });
    auto size = 4 + wire::Reader(input).u32();
    auto head = unwrap(resource::decode_request(std::string_view(input).substr(4, size - 4)));
    input.erase(0, size);
    return head;
  }
  void say(std::string_view bytes) { EXPECT_EQ(put(process, bytes), bytes.size()); }
  const Answer& answered() { return answer(id); }
  std::string problem() { return Json::parse(answered().body)["detail"]; }

  http2::StreamId id = 0;
  RequestId asked = 0;
  UniqueFd process;
  std::string input;  // of the process, behind the head
};

TEST(ChannelStreamTest, PassesBothDirectionsOnUntilTheirEnds) {
  Play play;
  Body body("hello", false);
  play.ask(channel("/v1/channels/jobs?part=send-stream"), &body);
  auto head = play.start();
  EXPECT_EQ(head.method, "CONNECT");
  EXPECT_EQ(head.path, "/v1/channels/jobs?part=send-stream");
  play.say(resource::encode(ResponseHead{200, {}}));
  play.say("welcome");
  play.until([&] { return take(play.process, play.input) && play.input == "hello"; });
  play.until([&] { return play.answers[play.id].body == "welcome"; });
  body.add(" world");
  body.finish();
  play.client.resume(play.id);
  play.until([&] { return !take(play.process, play.input); });
  EXPECT_EQ(play.input, "hello world");
  EXPECT_FALSE(play.answers[play.id].ended) << "the other direction goes on";
  play.say(", and good-bye");
  play.process.reset();
  EXPECT_EQ(play.answered().body, "welcome, and good-bye");
  EXPECT_EQ(play.answered().field(":status"), "200");
}

TEST(ChannelStreamTest, AnAnswerOfALengthEndsThereOrIsBroken) {
  for (bool whole : {true, false}) {
    Play play;
    play.ask(request("GET", "/v1/channels"));
    EXPECT_EQ(play.start().method, "GET");
    play.say(resource::encode(ResponseHead{200, {{"content-length", "4"}}}));
    play.say(whole ? "list" : "li");
    if (!whole) play.process.reset();
    const auto& answer = play.answered();
    EXPECT_EQ(answer.body, whole ? "list" : "li");
    EXPECT_EQ(answer.ended, whole);
    if (!whole) {
      EXPECT_EQ(answer.closed, http2::kInternalError);
    }
  }
}

// Clients take 503 for a reason to come again.
TEST(ChannelStreamTest, WhoeverDiesBeforeTheAnswerTheClientMayComeAgain) {
  {
    Play play;
    play.ask(channel("/v1/channels/jobs"));
    play.start_worker();  // in the place of the first, which has died
    EXPECT_EQ(play.answered().field(":status"), "503");
    EXPECT_NE(play.problem().find("try again"), std::string::npos);
  }
  {
    Play play;
    play.ask(channel("/v1/channels/jobs"));
    play.worker.reset();
    EXPECT_EQ(play.answered().field(":status"), "503");
    EXPECT_EQ(play.status(channel("/v1/channels/jobs")), "503") << "while there is none";
  }
  {
    Play play;
    play.ask(channel("/v1/channels/jobs"));
    play.start();
    play.process.reset();
    EXPECT_EQ(play.answered().field(":status"), "503");
  }
}

TEST(ChannelStreamTest, TheWorkersDeathIsNothingToAChannelThatIsOpen) {
  Play play;
  play.ask(channel("/v1/channels/jobs"));
  play.start();
  play.start_worker();
  play.settle();
  play.say(resource::encode(ResponseHead{200, {}}));
  play.say("there");
  play.until([&] { return play.answers[play.id].body == "there"; });
}

TEST(ChannelStreamTest, ARefusalOfTheWorkerIsTheAnswer) {
  Play play;
  play.ask(channel("/v1/channels/jobs"));
  play.worker_says(Failed{play.asked, Trouble::not_permitted, "not you"});
  EXPECT_EQ(play.answered().field(":status"), "403");
  EXPECT_EQ(play.problem(), "not you");
}

TEST(ChannelStreamTest, AClientThatLeavesEndsWhatTheProcessReads) {
  Play play;
  Body body("", false);
  play.ask(channel("/v1/channels/jobs"), &body);
  play.start();
  play.say(resource::encode(ResponseHead{200, {}}));
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  play.client.reset(play.id, http2::kCancel);
  play.until([&] { return !take(play.process, play.input); });
}

TEST(ChannelStreamTest, AServerThatEndsSendsItsClientsAway) {
  Play play;
  Body body("", false);
  play.ask(channel("/v1/channels/jobs"), &body);
  play.start();
  play.say(resource::encode(ResponseHead{200, {}}));
  play.until([&] { return !play.answers[play.id].headers.empty(); });
  play.server->drain();
  EXPECT_EQ(play.answered().closed, http2::kCancel);
}

}  // namespace
}  // namespace nigh::server
