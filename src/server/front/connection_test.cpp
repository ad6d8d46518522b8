// SPDX-License-Identifier: Apache-2.0
#include "server/front/connection.hpp"

#include <gtest/gtest.h>

#include "server/front/visitor_for_test.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

using namespace for_test;

TEST(StrangerTest, ARequestWithoutCredentialsIsToldHowToLogIn) {
  Visitor visitor;
  const auto& answer = visitor.answer(visitor.send(request("GET", "/v1/")));
  EXPECT_EQ(answer.field(":status"), "401");
  EXPECT_EQ(answer.field("content-type"), "application/problem+json");
  EXPECT_EQ(answer.field("www-authenticate"), "SSHSIG, Bearer");
  EXPECT_NE(answer.body.find("log in with SSHSIG or Bearer"), std::string::npos) << answer.body;
  EXPECT_TRUE(visitor.asked.empty());
}

TEST(StrangerTest, NothingIsKnownAboutResourcesBeforeTheLogin) {
  Visitor visitor;
  EXPECT_EQ(visitor.status(request("GET", "/no/such/thing")), "401");
  EXPECT_EQ(visitor.status(request("DELETE", "/v1/")), "401");
}

TEST(StrangerTest, CredentialsAreForTheKeeperToJudge) {
  Visitor visitor;
  auto id = visitor.send(request("GET", "/v1/", bearer("secret")));
  visitor.until([&] { return !visitor.asked.empty(); });
  EXPECT_EQ(std::get<BearerToken>(visitor.asked[0].second).text.expose(), "secret");
  visitor.settle();
  EXPECT_TRUE(visitor.answers[id].headers.empty()) << "no answer before the verdict";
  visitor.decide(true);
  EXPECT_EQ(visitor.answer(id).field(":status"), "200");
}

TEST(StrangerTest, RequestsWithTheSameCredentialsWaitForOneVerdictAndOthersAreRefusedUnseen) {
  for (bool accepted : {true, false}) {
    Visitor visitor;
    auto first = visitor.send(request("GET", "/v1/", bearer("t")));
    auto same = visitor.send(request("GET", "/v1/", bearer("t")));
    auto other = visitor.send(request("GET", "/v1/", bearer("u")));
    auto none = visitor.send(request("GET", "/v1/"));
    EXPECT_EQ(visitor.answer(other).closed, http2::kRefusedStream);
    EXPECT_EQ(visitor.answer(none).closed, http2::kRefusedStream);
    EXPECT_EQ(visitor.asked.size(), 1u);
    visitor.decide(accepted);
    for (auto id : {first, same})
      EXPECT_EQ(visitor.answer(id).field(":status"), accepted ? "200" : "401");
  }
}

TEST(StrangerTest, WhatWaitsForTheVerdictIsBounded) {
  Visitor visitor;
  auto fields = request("GET", "/v1/", bearer("t"));
  fields.push_back({"filler", std::string(3500, 'x')});  // a byte on the wire once it is indexed
  std::vector<http2::StreamId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(visitor.send(fields));
  EXPECT_EQ(visitor.answer(ids[19]).closed, http2::kRefusedStream);
  visitor.decide(true);
  EXPECT_EQ(visitor.answer(ids[9]).field(":status"), "200");
}

TEST(StrangerTest, ARefusedClientMayTryAgainOnTheSameConnection) {
  Visitor visitor;
  auto id = visitor.send(request("GET", "/v1/", bearer("wrong")));
  visitor.until([&] { return !visitor.asked.empty(); });
  visitor.decide(false);
  EXPECT_EQ(visitor.answer(id).field(":status"), "401");
  visitor.asked.clear();
  visitor.log_in();
  EXPECT_EQ(visitor.status(request("GET", "/v1/")), "200");
}

TEST(StrangerTest, TheSeventhAttemptEndsTheConnection) {
  Visitor visitor;
  for (int i = 0; i < Connection::kMaxAttempts; ++i)
    EXPECT_EQ(visitor.status(request("GET", "/v1/")), "401");
  visitor.send(request("GET", "/v1/", bearer("t")));
  visitor.until([&] { return visitor.server_ended && visitor.client_ended; });
  EXPECT_TRUE(visitor.asked.empty()) << "too late to be looked at";
  EXPECT_EQ(visitor.goaways, std::vector<std::uint32_t>{http2::kEnhanceYourCalm});
}

TEST(StrangerTest, SixtyFourKibBeforeTheLoginEndTheConnection) {
  Visitor visitor;
  auto held = visitor.send(request("GET", "/v1/", bearer("t")));
  std::size_t sent = 0;
  for (; !visitor.server_ended && sent < 80; ++sent) {
    // What does not fit a compression table is sent in full each time.
    visitor.send(request("GET", "/v1/", {{"x", std::string(1500, '~'), true}}));
    visitor.settle();
  }
  EXPECT_GT(sent, 30u);
  EXPECT_LT(sent, 50u);
  visitor.until([&] { return visitor.server_ended; });
  EXPECT_EQ(visitor.server_error->code, Errc::too_large);
  EXPECT_EQ(visitor.server_error->message, "the peer sent too much before it logged in");
  EXPECT_TRUE(visitor.answers[held].headers.empty());
}

TEST(StrangerTest, WhoDoesNotLogInInTimeIsDisconnected) {
  Visitor visitor({.login = std::chrono::seconds(0)});
  visitor.until([&] { return visitor.server_ended; });
  EXPECT_EQ(visitor.server_error->code, Errc::timeout);
  EXPECT_TRUE(visitor.server->login_timed_out());
}

TEST(StrangerTest, ABodyBeforeTheVerdictIsHeldWithinTheSmallWindowAndThenServed) {
  Visitor visitor;
  visitor.start_worker();
  Body body(R"({"argv":["cat"],"stdin":")" + std::string(1 << 20, 'x') + "\"}");
  visitor.settle();  // the client knows the server's window
  visitor.send(request("POST", "/v1/run", bearer("t")), &body);
  visitor.until([&] { return !visitor.asked.empty(); });
  visitor.settle();
  EXPECT_EQ(body.sent(), 4096u) << "no more than a stranger's window";
  visitor.decide(true);
  EXPECT_EQ(visitor.asked_of_worker<Start>().argv, std::vector<std::string>{"cat"});
  EXPECT_GT(body.sent(), 1u << 20);
}

TEST(StrangerTest, AHeldRequestThatIsTakenBackLeavesTheConnectionInOrder) {
  for (bool accepted : {false, true}) {
    Visitor visitor;
    visitor.start_worker();
    Body body(std::string(1000, 'x'), false);
    auto id = visitor.send(request("POST", "/v1/run", bearer("t")), &body);
    visitor.until([&] { return !visitor.asked.empty(); });
    visitor.settle();
    visitor.client.reset(id, http2::kCancel);
    visitor.settle();
    visitor.decide(accepted);
    visitor.settle();
    EXPECT_FALSE(visitor.server_ended);
    visitor.asked.clear();
    if (!accepted) visitor.log_in();
    EXPECT_EQ(visitor.status(request("GET", "/v1/")), "200");
  }
}

TEST(StrangerTest, AVerdictForAnotherRequestIsNotTaken) {
  Visitor visitor;
  auto id = visitor.send(request("GET", "/v1/", bearer("t")));
  visitor.until([&] { return !visitor.asked.empty(); });
  visitor.server->verdict(visitor.asked[0].first + 2, true, {});
  visitor.settle();
  EXPECT_TRUE(visitor.answers[id].headers.empty());
  visitor.decide(false);
  EXPECT_EQ(visitor.answer(id).field(":status"), "401");
  visitor.decide(true);  // a second word on the same request
  EXPECT_EQ(visitor.status(request("GET", "/v1/")), "401");
}

TEST(StrangerTest, BothSidesExportTheSameValueToBeSigned) {
  Visitor visitor;
  visitor.settle();
  auto value = [&](std::string_view user) {
    return visitor.client.stream().engine().exporter("EXPORTER-nigh-auth-v1", user, 32);
  };
  EXPECT_EQ(visitor.server->exporter("alice"), value("alice"));
  EXPECT_NE(visitor.server->exporter("bob"), value("alice"));
  Visitor other;
  other.settle();
  EXPECT_NE(other.server->exporter("alice"), value("alice"));
}

http2::Fields connect_request(std::string authority, http2::Fields more = {}) {
  http2::Fields fields{{":method", "CONNECT"}, {":authority", std::move(authority)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
http2::Fields basic(std::string_view user_and_token) {
  return {{"proxy-authorization", "Basic " + wire::base64(user_and_token), true}};
}

TEST(ProxyTest, AConnectWithoutCredentialsIsToldHowToLogInAsProxiesDo) {
  Visitor visitor;
  const auto& answer = visitor.answer(visitor.send(connect_request("h:1")));
  EXPECT_EQ(answer.field(":status"), "407");
  EXPECT_EQ(answer.field("proxy-authenticate"), "Basic realm=\"nigh\"");
  EXPECT_EQ(answer.field("www-authenticate"), "");
  EXPECT_EQ(visitor.status(connect_request("h:1", {{"proxy-authorization", "Basic ?", true}})),
            "407");
  EXPECT_EQ(visitor.status(connect_request("h:1", {{"authorization", "Basic ?", true}})), "401")
      << "who knows our own way is told about that";
  EXPECT_TRUE(visitor.asked.empty());
}

TEST(ProxyTest, ATokenAsPasswordIsForTheKeeperToJudge) {
  for (bool accepted : {false, true}) {
    Visitor visitor;
    visitor.start_worker();
    auto id = visitor.send(connect_request("h:1", basic("anybody:t")));
    visitor.until([&] { return !visitor.asked.empty(); });
    EXPECT_EQ(std::get<BearerToken>(visitor.asked[0].second).text.expose(), "t");
    visitor.decide(accepted);
    if (!accepted) {
      EXPECT_EQ(visitor.answer(id).field(":status"), "407");
      continue;
    }
    EXPECT_EQ(visitor.asked_of_worker<Dial>().host, "h");
    visitor.send(connect_request("again:1", basic("anybody:t")));
    EXPECT_EQ(visitor.asked_of_worker<Dial>().host, "again");
    EXPECT_EQ(visitor.status(connect_request("other:1", basic("anybody:u"))), "407");
    EXPECT_EQ(visitor.asked.size(), 1u);
  }
}

TEST(ProxyTest, OtherRequestsAreNotForAProxy) {
  Visitor visitor;
  EXPECT_EQ(visitor.status(request("GET", "/v1/", basic("anybody:t"))), "401");
  EXPECT_EQ(visitor.status({{":method", "CONNECT"},
                            {":protocol", "nigh-session"},
                            {":scheme", "https"},
                            {":authority", "h"},
                            {":path", "/v1/sessions"},
                            {"proxy-authorization", "Bearer t", true}}),
            "401");
  EXPECT_TRUE(visitor.asked.empty());
}

TEST(LoggedInTest, LaterRequestsNeedNoCredentialsButMayNotBringOthers) {
  Visitor visitor;
  visitor.log_in();
  EXPECT_EQ(visitor.status(request("GET", "/v1/")), "200");
  EXPECT_EQ(visitor.status(request("GET", "/v1/", bearer("t"))), "200");
  EXPECT_EQ(visitor.status(request("GET", "/v1/", bearer("other"))), "401");
  EXPECT_EQ(visitor.asked.size(), 1u) << "the keeper is asked once";
}

TEST(LoggedInTest, AnExpiredLoginIsRefused) {
  Visitor visitor;
  visitor.log_in(::time(nullptr) - 1);
  EXPECT_EQ(visitor.status(request("GET", "/v1/")), "401");
  Visitor lasting;
  lasting.log_in(::time(nullptr) + 1000);
  EXPECT_EQ(lasting.status(request("GET", "/v1/")), "200");
}

TEST(LoggedInTest, TheLimitsOfStrangersAreLifted) {
  Visitor visitor;
  visitor.log_in();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(visitor.status(request("GET", "/v1/", {{"x", std::string(10'000, '~'), true}})),
              "200");
}

TEST(LoggedInTest, MoreStreamsThanAStrangerMayHaveAreOpenAtATimeAndOthersWait) {
  constexpr std::uint32_t kStreams = Connection::kMaxStrangerStreams + 50;
  Visitor visitor({.streams = kStreams});
  visitor.start_worker();
  visitor.log_in();
  for (std::uint32_t i = 0; i < kStreams + 2; ++i) visitor.send(connect_request("h:1"));
  RequestId last = 0;
  for (std::uint32_t i = 0; i < kStreams; ++i) last = visitor.asked_of_worker<Dial>().request;
  visitor.settle();
  EXPECT_FALSE(unwrap(visitor.worker->receive())) << "the client keeps to what it was told";
  visitor.worker_says(Failed{last, Trouble::refused, "nobody is there"});
  EXPECT_GT(visitor.asked_of_worker<Dial>().request, last);
}

std::string filler(std::size_t size) { return std::string(size, ' '); }

TEST(KeptTest, WhatRequestsMakeTheServerKeepIsBoundedTogether) {
  Visitor visitor({.kept_bytes = 10'000});
  visitor.log_in();
  Body first(filler(4000), false), second(filler(4000), false), third(filler(4000), false);
  auto run = request("POST", "/v1/run");
  auto released = visitor.send(run, &first);
  auto kept = visitor.send(run, &second);
  visitor.settle();
  EXPECT_EQ(visitor.status(request("GET", "/v1/")), "200") << "small ones still fit";
  EXPECT_EQ(visitor.answer(visitor.send(run, &third)).field(":status"), "503");
  visitor.client.reset(released, http2::kCancel);
  Body again(filler(4000), false);
  auto fits = visitor.send(run, &again);
  visitor.settle();
  for (auto id : {kept, fits}) EXPECT_TRUE(visitor.answers[id].headers.empty());
}

TEST(KeptTest, HeadersCountThatAreSmallOnTheWire) {
  Visitor visitor({.kept_bytes = 10'000});
  visitor.log_in();
  visitor.start_worker();
  auto get = request("GET", "/v1/files/" + std::string(7000, 'x'));
  auto first = visitor.send(get);
  EXPECT_EQ(visitor.status(get), "503");
  EXPECT_TRUE(visitor.answers[first].headers.empty());
}

TEST(KeptTest, ASpecThatIsNotWholeCounts) {
  Visitor visitor({.kept_bytes = 10'000});
  visitor.log_in();
  http2::Fields session{{":method", "CONNECT"},
                        {":protocol", "nigh-session"},
                        {":scheme", "https"},
                        {":authority", "h"},
                        {":path", "/v1/sessions"}};
  const std::string spec("\x01\x00\x00\x40\x00", 5);  // 16 KiB are to come
  Body body(spec + filler(12'000), false);
  EXPECT_EQ(visitor.answer(visitor.send(session, &body)).field(":status"), "503");
  EXPECT_EQ(visitor.status(request("GET", "/v1/")), "200");
}

TEST(KeptTest, ADatagramThatIsNotWholeCounts) {
  Visitor visitor({.kept_bytes = 10'000});
  visitor.start_worker();
  visitor.log_in();
  http2::Fields udp{{":method", "CONNECT"},
                    {":protocol", "connect-udp"},
                    {":scheme", "https"},
                    {":authority", "h"},
                    {":path", "/.well-known/masque/udp/127.0.0.1/9/"}};
  const std::string capsule("\x00\x80\x00\x40\x00\x00", 6);  // of 16 KiB
  Body fits(capsule + filler(6000), false), too_much(capsule + filler(6000), false);
  auto first = visitor.send(udp, &fits);
  visitor.settle();
  EXPECT_EQ(visitor.answer(visitor.send(udp, &too_much)).closed, http2::kEnhanceYourCalm);
  EXPECT_FALSE(visitor.answers[first].closed);
}

TEST(DrainTest, AnIdleConnectionEndsAtOnce) {
  for (bool logged_in : {false, true}) {
    Visitor visitor;
    if (logged_in) visitor.log_in();
    visitor.settle();
    visitor.server->drain();
    visitor.until([&] { return visitor.server_ended && visitor.client_ended; });
    EXPECT_FALSE(visitor.server_error) << visitor.server_error->message;
    EXPECT_EQ(visitor.goaways, std::vector<std::uint32_t>{http2::kNoError});
  }
}

TEST(DrainTest, WhatRunsIsFinishedAndNothingNewIsBegun) {
  Visitor visitor;
  visitor.log_in();
  Body body(R"({"argv":)", false);
  auto running = visitor.send(request("POST", "/v1/run"), &body);
  visitor.settle();
  visitor.server->drain();
  auto late = visitor.client.submit_request(request("GET", "/v1/"), nullptr);
  visitor.settle();
  if (late) {
    EXPECT_EQ(visitor.answer(*late).closed, http2::kRefusedStream);
  }
  EXPECT_FALSE(visitor.client.submit_request(request("GET", "/v1/"), nullptr));
  EXPECT_FALSE(visitor.server_ended);
  body.add("0}");
  body.finish();
  visitor.client.resume(running);
  EXPECT_EQ(visitor.answer(running).field(":status"), "400");
  visitor.until([&] { return visitor.server_ended; });
  EXPECT_FALSE(visitor.server_error);
}

}  // namespace
}  // namespace nigh::server
