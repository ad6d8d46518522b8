// SPDX-License-Identifier: Apache-2.0
#include "service/run/messages.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "service/run/frames.hpp"

namespace nigh::run {
namespace {

std::string words(std::size_t count, const std::string& word) {
  std::string json = R"({"argv":["x")";
  for (std::size_t i = 0; i < count; ++i) json += "," + word;
  return json + "]}";
}

TEST(CommandSizeTest, ACommandThatWouldNotFitBetweenProcessesIsRefused) {
  for (const auto& json : {words(50'000, R"("")"), words(50'000, R"("a")"),
                           words(2, '"' + std::string(90'000, 'a') + '"'),
                           R"({"command":")" + std::string(200'000, 'a') + "\"}",
                           R"({"argv":["a"],"cwd":")" + std::string(200'000, 'a') + "\"}",
                           R"({"argv":["a"],"env":{"A":")" + std::string(200'000, 'a') + "\"}}"}) {
    EXPECT_EQ(decode_spec(json).error().code, Errc::too_large);
    auto refused = decode_run_request(json);
    EXPECT_EQ(refused.error().code, Errc::too_large);
    EXPECT_EQ(refused.error().message, "request: the command and its environment are over 160 KiB");
  }
  EXPECT_TRUE(decode_spec(words(1, '"' + std::string(128 * 1024, 'a') + '"')))
      << "the longest word that Linux takes";
  EXPECT_TRUE(
      decode_run_request(R"({"argv":["cat"],"stdin":")" + std::string(3 << 20, 'a') + "\"}"))
      << "input is another matter";
}

TEST(StartedTest, RoundTripsAndRefusesWhatIsOutOfRange) {
  auto note = decode_started(encode_started({"17", kMaxInputWindow})).value();
  EXPECT_EQ(note.id, "17");
  EXPECT_EQ(note.input_window, kMaxInputWindow);
  for (const char* bad :
       {"", "{}", R"({"id":1,"stdin_window":1})", R"({"id":"1","stdin_window":-1})",
        R"({"id":"1","stdin_window":1.5})", R"({"id":"1","stdin_window":16777217})"})
    EXPECT_EQ(decode_started(bad).error().code, Errc::malformed) << bad;
}

TEST(AckTest, IsEightBytes) {
  EXPECT_EQ(decode_ack(encode_ack(UINT64_MAX)), UINT64_MAX);
  EXPECT_FALSE(decode_ack("1234567"));
  EXPECT_FALSE(decode_ack("123456789"));
}

TEST(ExitTest, WhatNoServerSendsIsRefused) {
  for (const char* bad :
       {"", "[]", "3", R"({"code":256})", R"({"code":9999999999999})", R"({"signal":7})",
        R"({"core":"yes"})", R"({"timed_out":1})", R"({"signal":"AAAAAAAAAAAAAAAAA"})"})
    EXPECT_FALSE(decode_exit(bad)) << bad;
}

}  // namespace
}  // namespace nigh::run
