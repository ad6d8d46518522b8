// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;

struct Guest : Visitor {
  Guest() {
    start_worker();
    log_in();
  }
  http2::StreamId ask(const std::string& json) {
    body = Body(json);
    return send(request("POST", "/v1/tokens"), &body);
  }
  Body body;
};

TEST(TokenStreamTest, ATokenIsAskedForWithItsLifetime) {
  const std::pair<const char*, std::uint32_t> table[] = {
      {"", 900},
      {"{}", 900},
      {R"({"lifetime":60})", 60},
      {R"({"lifetime":99999999999})", UINT32_MAX}};
  Guest guest;
  for (const auto& [json, seconds] : table) {
    auto id = guest.ask(json);
    auto asked = guest.asked_of_worker<IssueToken>();
    EXPECT_EQ(asked.seconds, seconds) << json;
    EXPECT_EQ(asked.grant, "grant");
    guest.worker_says(TokenIssued{asked.request, "abc", Secret("alice.secret"), 1'750'000'000});
    const auto& answer = guest.answer(id);
    EXPECT_EQ(answer.field(":status"), "201");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
    auto token = nlohmann::json::parse(answer.body);
    EXPECT_EQ(token["id"], "abc");
    EXPECT_EQ(token["token"], "alice.secret");
    EXPECT_EQ(token["expires"], "2025-06-15T15:06:40Z");
  }
}

TEST(TokenStreamTest, ALifetimeThatIsNoneIsRefused) {
  Guest guest;
  for (const char* json : {"x", "[]", R"({"lifetime":0})", R"({"lifetime":-1})",
                           R"({"lifetime":"1"})", R"({"lifetime":1.5})"})
    EXPECT_EQ(guest.answer(guest.ask(json)).field(":status"), "400") << json;
  EXPECT_EQ(guest.answer(guest.ask(std::string(1025, ' '))).field(":status"), "413");
}

TEST(TokenStreamTest, ATokenIsRevokedByItsId) {
  Guest guest;
  auto id = guest.send(request("DELETE", "/v1/tokens/abc"));
  auto asked = guest.asked_of_worker<RevokeToken>();
  EXPECT_EQ(asked.id, "abc");
  EXPECT_EQ(asked.grant, "grant");
  guest.worker_says(TokenRevoked{asked.request});
  EXPECT_EQ(guest.answer(id).field(":status"), "200");

  id = guest.send(request("DELETE", "/v1/tokens/none"));
  guest.worker_says(Failed{guest.asked_of_worker<RevokeToken>().request, Trouble::not_found, "x"});
  EXPECT_EQ(guest.answer(id).field(":status"), "404");
}

}  // namespace
}  // namespace nigh::server
