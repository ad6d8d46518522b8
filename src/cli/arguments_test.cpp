// SPDX-License-Identifier: Apache-2.0
// The command lines of serve, token and doctor.
#include <gmock/gmock.h>

#include "cli/doctor_arguments.hpp"
#include "cli/serve_arguments.hpp"
#include "cli/token_arguments.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ParseServeTest, ReadsEveryOption) {
  auto serve =
      parse_serve({"--listen", "[::1]:0", "-l", "127.0.0.1:7722", "--config", "c.toml",
                   "--authorized-keys", "ak", "--host-key=hk", "--check", "--log-level", "debug"});
  ASSERT_TRUE(serve) << serve.error().message;
  EXPECT_THAT(serve->listen, ElementsAre("[::1]:0", "127.0.0.1:7722"));
  EXPECT_EQ(serve->config_file, "c.toml");
  EXPECT_EQ(serve->authorized_keys, "ak");
  EXPECT_EQ(serve->host_key, "hk");
  EXPECT_TRUE(serve->check);
  EXPECT_EQ(serve->log_level, "debug");
}

TEST(ParseServeTest, WhatIsNotGivenIsLeftToTheConfiguration) {
  auto serve = parse_serve({});
  ASSERT_TRUE(serve);
  EXPECT_THAT(serve->listen, IsEmpty());
  EXPECT_EQ(serve->authorized_keys, "");
}

TEST(ParseServeTest, RefusesWordsAndUnknownLevels) {
  EXPECT_THAT(parse_serve({"now"}).error().message, HasSubstr("'now' makes no sense here"));
  EXPECT_THAT(parse_serve({"--log-level", "loud"}).error().message, HasSubstr("'loud'"));
  EXPECT_THAT(parse_serve({"--listn", "x"}).error().message, HasSubstr("did you mean --listen?"));
}

TEST(ParseTokenTest, ReadsHostAndLifetime) {
  auto token = parse_token({"web1", "--for", "1h", "--json"});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->host, "web1");
  EXPECT_EQ(token->lifetime, 1h);
  EXPECT_TRUE(token->json);
  EXPECT_EQ(parse_token({"web1"})->lifetime, 15min);
  EXPECT_EQ(parse_token({"--for", "1ms", "web1"})->lifetime, 1s);
}

TEST(ParseTokenTest, RevokingIsNotMaking) {
  EXPECT_EQ(parse_token({"--revoke", "abc", "web1"})->revoke, "abc");
  EXPECT_THAT(parse_token({"--revoke", "abc", "--for", "1h", "web1"}).error().message,
              HasSubstr("exclude each other"));
}

TEST(ParseTokenTest, TakesExactlyOneHost) {
  EXPECT_EQ(parse_token({}).error().message, "no host: nigh token HOST");
  EXPECT_THAT(parse_token({"a", "b"}).error().message, HasSubstr("'b' is one word too many"));
  EXPECT_TRUE(parse_token({"--help"})->help);
}

TEST(ParseDoctorTest, ReadsHostAndConnectOptions) {
  auto doctor = parse_doctor({"-i", "key", "--connect-timeout", "2s", "me@web1:70", "--json"});
  ASSERT_TRUE(doctor) << doctor.error().message;
  EXPECT_EQ(doctor->host, "me@web1:70");
  EXPECT_TRUE(doctor->json);
  EXPECT_THAT(doctor->connect.identities, ElementsAre("key"));
  EXPECT_EQ(doctor->connect.timeout, 2s);
  EXPECT_THAT(parse_doctor({"--connect-timeout", "x", "h"}).error().message,
              HasSubstr("--connect-timeout: 'x'"));
}

}  // namespace
}  // namespace nigh::cli
