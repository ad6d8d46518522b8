// SPDX-License-Identifier: Apache-2.0
#include "client/session_answers.hpp"

#include <gmock/gmock.h>

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kRunning =
    R"({"id":"abcd2345","name":"work","command":"vim x","created":"2026-01-02T03:04:05Z",)"
    R"("terminal":true,"keep":true,"clients":["192.0.2.1","2001:db8::1"],)"
    R"("size":{"columns":120,"rows":40},"idle":61,"later":[1]})";

TEST(SessionAnswers, TellWhatASessionIs) {
  auto info = parse_session(kRunning);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->id, "abcd2345");
  EXPECT_EQ(info->name, "work");
  EXPECT_EQ(info->command, "vim x");
  EXPECT_EQ(std::chrono::system_clock::to_time_t(info->created), 1767323045);
  EXPECT_TRUE(info->terminal);
  EXPECT_TRUE(info->keep);
  EXPECT_THAT(info->clients, ElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_EQ(info->size.columns, 120);
  EXPECT_EQ(info->size.rows, 40);
  EXPECT_EQ(info->idle, std::chrono::seconds(61));
  EXPECT_FALSE(info->exit);
}

TEST(SessionAnswers, TellHowASessionEnded) {
  auto info = parse_session(
      R"({"id":"a","created":"2026-01-02T03:04:05Z","exit":{"signal":"KILL","core":true}})");
  ASSERT_TRUE(info);
  ASSERT_TRUE(info->exit);
  EXPECT_EQ(info->exit->signal, "KILL");
  EXPECT_TRUE(info->exit->core_dumped);
}

TEST(SessionAnswers, AreNotTrusted) {
  for (const auto* text :
       {"", "[]", "{}", R"({"id":"a"})", R"({"id":"../x","created":"2026-01-02T03:04:05Z"})",
        R"({"id":"a","created":"yesterday"})",
        R"({"id":"a","created":"2026-01-02T03:04:05Z","exit":{"code":"x"}})"})
    EXPECT_FALSE(parse_session(text)) << text;
  for (const auto* text : {"", "{}", R"({"sessions":{}})", R"({"sessions":[1]})",
                           R"({"sessions":[{"id":"a"}]})", "[[[[[[[[[[[[[[[["})
    EXPECT_FALSE(parse_sessions(text)) << text;
  auto odd = parse_session(R"({"id":"a","name":"\u001b[2J","created":"2026-01-02T03:04:05Z",)"
                           R"("idle":-1,"size":{"columns":99999999},"clients":[7]})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->name.find('\x1b'), std::string::npos);
  EXPECT_EQ(odd->idle, std::chrono::seconds(0));
  EXPECT_EQ(odd->size.columns, 65535);
}

}  // namespace
}  // namespace nigh::client
