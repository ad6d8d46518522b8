// SPDX-License-Identifier: Apache-2.0
// Requests about files, with a worker and a file process that are played by the test.
#include "server/front/files_stream.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "server/front/pipes_for_test.hpp"
#include "server/front/visitor_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using Json = nlohmann::json;
using resource::ResponseHead;

constexpr std::uint32_t kReset = http2::kInternalError;

http2::Fields connect(const std::string& protocol, const std::string& path) {
  auto fields = request("CONNECT", path);
  fields.insert(fields.begin() + 1, {":protocol", protocol});
  return fields;
}

// A visitor who is logged in, and what the worker and the process do.
struct Play : Visitor {
  Play() {
    ::signal(SIGPIPE, SIG_IGN);  // as in every front
    log_in();
    start_worker();
  }

  // Sends a request, as far as the worker's being asked for a process.
  void ask(const http2::Fields& fields, http2::BodySource* body = nullptr) {
    id = send(fields, body);
    auto start = asked_of_worker<StartFiles>();
    process = start.request;
    EXPECT_EQ(start.grant, "grant");
    EXPECT_TRUE(start.connection.starts_with("192.0.2.1 4711 127.0.0.1 ")) << start.connection;
  }
  // The worker has started it; the head of the request.
  resource::RequestHead start() {
    pipes.handed.pop_back();  // no stderr
    worker_says(Started{process, 4242}, std::move(pipes.handed));
    until([&] {
      take(pipes.stdin_end, input);
      return input.size() >= 4 && input.size() >= 4 + wire::Reader(input).u32();
    });
    auto size = 4 + wire::Reader(input).u32();
    auto head = unwrap(resource::decode_request(std::string_view(input).substr(4, size - 4)));
    input.erase(0, size);
    return head;
  }
  void say(std::string_view bytes) { EXPECT_EQ(put(pipes.stdout_end, bytes), bytes.size()); }
  void answer_with(const ResponseHead& head, std::string_view body = "") {
    say(resource::encode(head));
    say(body);
  }
  void exit(std::uint32_t code = 0, std::uint32_t signal = 0) {
    pipes.close();
    worker_says(Exited{process, code, signal, false});
  }
  bool input_ended() { return !take(pipes.stdin_end, input); }
  const Answer& answered() { return answer(id); }
  std::string problem() { return Json::parse(answered().body)["detail"]; }

  http2::StreamId id = 0;
  RequestId process = 0;
  Pipes pipes;
  std::string input;  // of the process, behind the head
};

TEST(FilesStreamTest, PassesARequestOnAndItsAnswerBack) {
  Play play;
  play.ask(request("GET", "/v1/files/etc/ho%2fsts?x=/1"));
  auto head = play.start();
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.protocol, "");
  EXPECT_EQ(head.path, "/v1/files/etc/ho%2fsts?x=/1") << "as it came";
  play.until([&] { return play.input_ended(); });
  EXPECT_EQ(play.input, "");
  play.answer_with({206, {{"content-length", "3"}, {"etag", "\"x\""}, {"nigh-mode", "0644"}}},
                   "abc");
  const auto& answer = play.answered();
  EXPECT_EQ(answer.field(":status"), "206");
  EXPECT_EQ(answer.field("etag"), "\"x\"");
  EXPECT_EQ(answer.field("nigh-mode"), "0644");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.body, "abc") << "without waiting for the process to end";
}

TEST(FilesStreamTest, OnlyListedFieldsPass) {
  Play play;
  play.ask(request("GET", "/v1/files/x",
                   {{"range", "bytes=1-2"},
                    {"if-none-match", "*"},
                    {"nigh-mode", "0600"},
                    {"nigh-user", "alice"},
                    {"cookie", "secret"},
                    {"authorization", "Bearer t", true}}));
  auto head = play.start();
  std::string names;
  for (const auto& field : head.headers) names += field.name + "=" + field.value + " ";
  EXPECT_EQ(names, "range=bytes=1-2 if-none-match=* nigh-mode=0600 ");
  play.answer_with({200,
                    {{"content-length", "0"},
                     {"connection", "close"},
                     {"transfer-encoding", "chunked"},
                     {":status", "500"},
                     {"set-cookie", "x"},
                     {"cache-control", "private"}}});
  const auto& answer = play.answered();
  EXPECT_EQ(answer.headers.size(), 3u);
  EXPECT_EQ(answer.field("cache-control"), "private");
}

TEST(FilesStreamTest, TheBodyOfARequestFollowsItsHead) {
  Play play;
  Body body("hello", false);
  play.ask(request("PUT", "/v1/files/~/x", {{"content-length", "11"}}), &body);
  auto head = play.start();
  EXPECT_EQ(head.method, "PUT");
  play.until([&] { return take(play.pipes.stdin_end, play.input) && play.input == "hello"; });
  body.add(" world");
  body.finish();
  play.client.resume(play.id);
  play.until([&] { return play.input_ended(); });
  EXPECT_EQ(play.input, "hello world");
  play.answer_with({201, {{"content-length", "0"}}});
  EXPECT_EQ(play.answered().field(":status"), "201");
}

TEST(FilesStreamTest, ABodyThatIsNotReadIsNotSentBeyondTheWindow) {
  Play play;
  const std::size_t size = 40u << 20;
  Body body(std::string(size, 'x'));
  play.ask(request("PUT", "/v1/files/x"), &body);
  play.start();
  play.settle();
  play.settle();
  EXPECT_LT(body.sent(), 34u << 20) << "the window and the pipe";
  play.until([&] { return play.input_ended(); });
  EXPECT_EQ(play.input.size(), size);
}

TEST(FilesStreamTest, AnswersLargerThanAnyBufferArriveWhole) {
  Play play;
  play.ask(request("GET", "/v1/tree/x?depth=infinity"));
  play.start();
  play.answer_with({200, {{"content-type", "application/x-ndjson"}}});
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    std::string piece(100'000, static_cast<char>('a' + i % 26));
    sent += piece;
    for (std::string_view rest = piece; !rest.empty();) {
      rest.remove_prefix(put(play.pipes.stdout_end, rest));
      if (!rest.empty()) play.context.poll();
    }
  }
  play.pipes.close();
  play.settle();
  EXPECT_FALSE(play.answers[play.id].ended) << "only the process's end says that it was all";
  play.exit();
  EXPECT_TRUE(play.answered().ended);
  EXPECT_TRUE(play.answered().body == sent);
}

TEST(FilesStreamTest, HeadAndSomeStatusesHaveNoBody) {
  struct Row {
    const char* method;
    std::uint32_t status;
  };
  for (auto [method, status] : {Row{"HEAD", 200}, Row{"DELETE", 204}, Row{"GET", 304}}) {
    Play play;
    play.ask(request(method, "/v1/files/x"));
    play.start();
    play.answer_with({status, {{"etag", "\"e\""}}});
    const auto& answer = play.answered();
    EXPECT_TRUE(answer.ended) << method;
    EXPECT_EQ(answer.field(":status"), std::to_string(status));
    EXPECT_EQ(answer.body, "");
  }
}

TEST(FilesStreamTest, AHeadReportsTheLengthThatItsBodyWouldHave) {
  Play play;
  play.ask(request("HEAD", "/v1/files/x"));
  play.start();
  play.answer_with({200, {{"content-length", "12345678901"}}});
  EXPECT_EQ(play.answered().field("content-length"), "12345678901");
}

TEST(FilesStreamTest, WhoeverStillSendsARequestThatIsAnsweredIsToldToStop) {
  Play play;
  Body body("some", false);
  play.ask(request("PUT", "/v1/files/x"), &body);
  play.start();
  play.answer_with({412, {{"content-length", "2"}}}, "no");
  EXPECT_EQ(play.answered().body, "no");
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kNoError);
}

TEST(FilesStreamTest, AProcessThatStopsReadingStillAnswers) {
  Play play;
  Body body(std::string(3u << 20, 'x'), false);
  play.ask(request("PUT", "/v1/files/x"), &body);
  play.start();
  play.pipes.stdin_end.reset();
  play.until([&] { return body.sent() == 3u << 20; });
  play.answer_with({507, {{"content-length", "4"}}}, "full");
  EXPECT_EQ(play.answered().body, "full");
}

// ---- tunnels -----------------------------------------------------------------------------------

TEST(FilesStreamTest, ATunnelCarriesBytesBothWaysUntilEachSideHasEnded) {
  Play play;
  Body body("", false);
  play.ask(connect("nigh-sync", "/v1/sync?v=1"), &body);
  auto head = play.start();
  EXPECT_EQ(head.method, "CONNECT");
  EXPECT_EQ(head.protocol, "nigh-sync");
  EXPECT_EQ(head.path, "/v1/sync?v=1");
  play.answer_with({200, {}}, "hello");
  play.until([&] { return play.answers[play.id].body == "hello"; });
  body.add("to you");
  play.client.resume(play.id);
  play.until([&] { return take(play.pipes.stdin_end, play.input) && play.input == "to you"; });
  play.pipes.stdout_end.reset();
  play.until([&] { return play.answers[play.id].ended; });
  body.add(", too");
  body.finish();
  play.client.resume(play.id);
  play.until([&] { return play.input_ended(); });
  EXPECT_EQ(play.input, "to you, too") << "its half was open still";
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kNoError);
}

TEST(FilesStreamTest, ATunnelWhoseProcessHasEndedIsClosed) {
  Play play;
  Body body("", false);
  play.ask(connect("nigh-file", "/v1/files/x?mode=read"), &body);
  play.start();
  play.answer_with({200, {}}, "x");
  play.exit();
  EXPECT_TRUE(play.answered().ended);
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kNoError);
}

TEST(FilesStreamTest, ATunnelThatIsRefusedIsAnAnswerLikeAnyOther) {
  Play play;
  Body body("", false);
  play.ask(connect("nigh-file", "/v1/files/x?mode=read"), &body);
  play.start();
  play.answer_with({404, {{"content-length", "4"}}}, "none");
  EXPECT_EQ(play.answered().field(":status"), "404");
  EXPECT_EQ(play.answered().body, "none");
  play.until([&] { return play.answers[play.id].closed.has_value(); });
}

// ---- what goes wrong ---------------------------------------------------------------------------

TEST(FilesStreamTest, WhatTheWorkerRefusesIsAProblem) {
  Play play;
  play.ask(request("GET", "/v1/files/x"));
  play.worker_says(Failed{play.process, Trouble::not_permitted, "this key is restricted"});
  EXPECT_EQ(play.answered().field(":status"), "403");
  EXPECT_EQ(play.problem(), "this key is restricted");
}

TEST(FilesStreamTest, AProcessThatEndsWithoutAnAnswerIsAProblem) {
  using std::string_view_literals::operator""sv;
  for (auto part : {""sv, "\0\0"sv, "\0\0\0\x10only a part"sv}) {
    Play play;
    play.ask(request("GET", "/v1/files/x"));
    play.start();
    play.say(part);
    play.exit(0, 9);
    EXPECT_EQ(play.answered().field(":status"), "500");
    EXPECT_NE(play.problem().find("signal KILL"), std::string::npos) << play.problem();
  }
}

TEST(FilesStreamTest, AnAnswerThatMakesNoSenseIsAProblem) {
  auto framed = [](std::string_view bytes) { return wire::Writer().string(bytes).str(); };
  const std::string table[] = {
      std::string("\xff\xff\xff\xff", 4),
      std::string("\0\1\0\1", 4),
      framed("not a head"),
      framed(""),
      resource::encode(ResponseHead{100, {}}),
      resource::encode(ResponseHead{600, {}}),
      resource::encode(ResponseHead{200, {{"etag", "a\r\nb: c"}}}),
      resource::encode(ResponseHead{200, {{"nigh-\n", "x"}}}),
      resource::encode(ResponseHead{200, {{"content-length", "-1"}}}),
  };
  for (const auto& bytes : table) {
    Play play;
    play.ask(request("GET", "/v1/files/x"));
    play.start();
    play.say(bytes);
    EXPECT_EQ(play.answered().field(":status"), "500");
    EXPECT_EQ(play.asked_of_worker<Abandon>().process, play.process);
  }
}

TEST(FilesStreamTest, AnAnswerThatBreaksOffIsResetAndNotEnded) {
  for (bool announced : {false, true}) {
    Play play;
    play.ask(request("GET", "/v1/tree/x"));
    play.start();
    ResponseHead head{200, {}};
    if (announced) head.headers.push_back({"content-length", "10"});
    play.answer_with(head, "part");
    play.exit(1);
    EXPECT_FALSE(play.answered().ended);
    EXPECT_EQ(play.answered().closed, kReset);
  }
}

TEST(FilesStreamTest, ATunnelWhoseProcessDiedIsReset) {
  Play play;
  Body body("", false);
  play.ask(connect("nigh-sync", "/v1/sync"), &body);
  play.start();
  play.answer_with({200, {}}, "x");
  play.until([&] { return play.answers[play.id].body == "x"; });
  play.worker_says(Exited{play.process, 0, 6, false});
  play.settle();
  play.pipes.close();
  EXPECT_EQ(play.answered().closed, kReset);
}

TEST(FilesStreamTest, AClientThatLeavesHasItsProcessHungUp) {
  Play play;
  Body body("", false);
  play.ask(connect("nigh-sync", "/v1/sync"), &body);
  play.start();
  play.answer_with({200, {}});
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, play.process);
  EXPECT_TRUE(play.input_ended());
  EXPECT_EQ(::write(play.pipes.stdout_end.get(), "x", 1), -1) << "nobody reads it";
}

TEST(FilesStreamTest, AClientThatLeavesBeforeTheProcessIsThereHasItHungUpToo) {
  Play play;
  play.ask(request("GET", "/v1/files/x"));
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, play.process);
  play.pipes.handed.pop_back();
  play.worker_says(Started{play.process, 1}, std::move(play.pipes.handed));
  play.until([&] { return play.input_ended(); });
}

TEST(FilesStreamTest, TheWindowOfStreamsThatWentComesBack) {
  Play play;
  // Twice what fits into a stream's window is more than the connection's window.
  for (int i = 0; i < 2; ++i) {
    Body unread(std::string(40u << 20, 'x'));
    play.ask(request("PUT", "/v1/files/x"), &unread);
    play.start();
    play.until([&] { return unread.sent() >= 32u << 20; });
    play.client.reset(play.id, http2::kCancel);
    play.asked_of_worker<Abandon>();
    play.pipes = Pipes();
    play.input.clear();
  }
  Body body("hello");
  play.ask(request("PUT", "/v1/files/y"), &body);
  play.start();
  play.until([&] { return play.input_ended(); });
  EXPECT_EQ(play.input, "hello");
}

TEST(FilesStreamTest, AWorkerThatDiesEndsTheRequests) {
  Play play;
  play.ask(request("GET", "/v1/files/x"));
  auto waiting = play.id;
  play.ask(request("GET", "/v1/tree/y"));
  play.start();
  play.answer_with({200, {}}, "part");
  play.until([&] { return play.answers[play.id].body == "part"; });
  play.worker.reset();
  EXPECT_EQ(play.answer(waiting).field(":status"), "500");
  EXPECT_EQ(play.answered().closed, kReset);
}

}  // namespace
}  // namespace nigh::server
