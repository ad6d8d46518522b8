// SPDX-License-Identifier: Apache-2.0
#include "server/front/session_list.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using Json = nlohmann::json;

struct Play : Visitor {
  Play() {
    log_in();
    start_worker();
  }
  Json answered(http2::StreamId id) { return Json::parse(answer(id).body); }
};

SessionFacts facts(const std::string& id) {
  return {id, "work", "top -d 1", 1'750'000'000, true, false, {"192.0.2.7"}, 80, 24, 5, ""};
}

TEST(SessionListTest, AListIsJsonHoweverManyPacketsItTook) {
  Play play;
  auto id = play.send(request("GET", "/v1/sessions"));
  auto asked = play.asked_of_worker<AskSessions>();
  EXPECT_EQ(asked.grant, "grant");
  EXPECT_EQ(asked.session, std::nullopt);
  play.worker_says(SessionList{asked.request, {facts("a"), facts("b")}, false});
  auto ended = facts("c");
  ended.terminal = false;
  ended.exit = R"({"code":3})";
  play.worker_says(SessionList{asked.request, {ended}, true});
  auto all = play.answered(id)["sessions"];
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], Json::parse(R"({"id":"a","name":"work","command":"top -d 1",
      "created":"2025-06-15T15:06:40Z","terminal":true,"keep":false,"clients":["192.0.2.7"],
      "size":{"columns":80,"rows":24},"idle":5})"));
  EXPECT_EQ(all[2]["exit"], Json({{"code", 3}}));
  EXPECT_FALSE(all[2].contains("size"));
}

TEST(SessionListTest, OneSessionIsAskedAboutByItsName) {
  Play play;
  auto id = play.send(request("GET", "/v1/sessions/work?wait=1"));
  auto asked = play.asked_of_worker<AskSessions>();
  EXPECT_EQ(asked.session, "work");
  EXPECT_TRUE(asked.wait);
  play.worker_says(SessionList{asked.request, {facts("a")}, true});
  EXPECT_EQ(play.answered(id)["id"], "a");
  id = play.send(request("GET", "/v1/sessions/work"));
  asked = play.asked_of_worker<AskSessions>();
  EXPECT_FALSE(asked.wait);
  play.worker_says(SessionList{asked.request, {}, true});
  EXPECT_EQ(play.answer(id).field(":status"), "404") << "it ended meanwhile";
}

TEST(SessionListTest, WhoWaitsNoLongerSaysSo) {
  Play play;
  auto id = play.send(request("GET", "/v1/sessions/work?wait=1"));
  auto asked = play.asked_of_worker<AskSessions>();
  play.client.reset(id, http2::kCancel);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, asked.request);
}

TEST(SessionListTest, WhoWaitsWhenTheFrontEndsIsToldToAskAgain) {
  Play play;
  auto id = play.send(request("GET", "/v1/sessions/work?wait=1"));
  play.asked_of_worker<AskSessions>();
  play.server->drain();
  EXPECT_EQ(play.answer(id).field(":status"), "503");
}

TEST(SessionListTest, ASessionIsHungUpOrSentASignal) {
  Play play;
  const std::pair<const char*, int> table[] = {{"/v1/sessions/x", SIGHUP},
                                               {"/v1/sessions/x?signal=TERM", SIGTERM}};
  for (const auto& [path, number] : table) {
    auto id = play.send(request("DELETE", path));
    auto asked = play.asked_of_worker<SignalSession>();
    EXPECT_EQ(asked.session, "x");
    EXPECT_EQ(asked.number, static_cast<std::uint32_t>(number));
    play.worker_says(SessionSignalled{asked.request});
    EXPECT_EQ(play.answer(id).field(":status"), "200");
  }
}

TEST(SessionListTest, ARefusalIsAProblemDocument) {
  Play play;
  for (const auto& fields : {request("GET", "/v1/sessions"), request("GET", "/v1/sessions/x")}) {
    auto id = play.send(fields);
    auto asked = play.asked_of_worker<AskSessions>();
    play.worker_says(Failed{asked.request, Trouble::not_permitted, "no"});
    EXPECT_EQ(play.answer(id).field(":status"), "403");
  }
  auto id = play.send(request("DELETE", "/v1/sessions/x"));
  auto asked = play.asked_of_worker<SignalSession>();
  play.worker_says(Failed{asked.request, Trouble::not_found, "no"});
  EXPECT_EQ(play.answer(id).field(":status"), "404");
}

}  // namespace
}  // namespace nigh::server
