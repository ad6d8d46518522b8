// SPDX-License-Identifier: Apache-2.0
#include "client/answers.hpp"

#include <gmock/gmock.h>

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(AProblem, IsToldInItsOwnWords) {
  auto error =
      parse_problem(401, R"({"type":"about:blank","title":"Unauthorized","detail":"not listed"})");
  EXPECT_EQ(error.code, Errc::refused);
  EXPECT_EQ(error.message, "not listed");
  EXPECT_EQ(parse_problem(503, R"({"title":"Draining"})").message, "Draining");
  EXPECT_EQ(parse_problem(503, "").code, Errc::unavailable);
}

TEST(AProblem, ThatIsNoDocumentIsToldByItsStatus) {
  for (auto* body : {"", "<html>", "[]", "{\"detail\":7}", "{"})
    EXPECT_THAT(parse_problem(418, body).message, HasSubstr("418")) << body;
  EXPECT_THAT(parse_problem(400, std::string(100'000, '[')).message, HasSubstr("400"));
}

TEST(AProblem, CannotSteerTheTerminalOrFillIt) {
  EXPECT_EQ(parse_problem(400, "{\"detail\":\"\\u001b[2J\"}").message, "\\x1b[2J");
  auto long_text = "{\"detail\":\"" + std::string(100'000, 'x') + "\"}";
  EXPECT_LE(parse_problem(400, long_text).message.size(), 4096u);
}

TEST(ServerInfoAnswer, IsReadAndUnknownMembersAreSkipped) {
  auto info = parse_server_info(
      R"({"version":"0.1.0","features":["run","pty",3],"user":"ada","limits":{"a":[1]}})");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, "0.1.0");
  EXPECT_EQ(info->user, "ada");
  EXPECT_THAT(info->features, ElementsAre("run", "pty"));
}

TEST(ServerInfoAnswer, WithoutAVersionIsNotUnderstood) {
  for (auto* body : {"", "{}", "{\"version\":1}", "null"})
    EXPECT_EQ(parse_server_info(body).error().code, Errc::malformed) << body;
}

TEST(TokenAnswer, IsRead) {
  auto token = parse_token(R"({"id":"a1","token":"secret","expires":"2023-11-14T22:13:20Z"})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->id, "a1");
  EXPECT_EQ(token->text, "secret");
  EXPECT_EQ(std::chrono::system_clock::to_time_t(token->expires), 1700000000);
}

TEST(TokenAnswer, MustBeWhole) {
  for (auto* body :
       {R"({"id":"a","token":"s"})", R"({"id":"a","token":"s","expires":"2023-11-14"})",
        R"({"id":"a","token":"s","expires":"9999-01-01T00:00:00Z"})",
        R"({"token":"s","expires":"2023-11-14T22:13:20Z"})",
        R"({"id":"a","expires":"2023-11-14T22:13:20Z"})", R"({"id":"a","token":"s","expires":1})"})
    EXPECT_FALSE(parse_token(body)) << body;
}

TEST(TokenRequest, NamesTheLifetime) {
  EXPECT_EQ(token_request(std::chrono::minutes(15)), R"({"lifetime":900})");
}

}  // namespace
}  // namespace nigh::client
