// SPDX-License-Identifier: Apache-2.0
#include "ssh/agent.hpp"

#include <gtest/gtest.h>

#include "ssh/keys_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using namespace std::string_literals;
using wire::Writer;

TEST(AgentTest, RequestsAreWholeFrames) {
  EXPECT_EQ(request_identities(), "\0\0\0\1\x0b"s);
  auto key = test_key(kKeyA);
  auto body = Writer().u8(13).string(key.blob).string("data").u32(0).str();
  EXPECT_EQ(unwrap(sign_request(key, "data")), Writer().string(body).str());
}

TEST(AgentTest, RsaKeysAreAskedForSha512) {
  auto blob = Writer().string("ssh-rsa").string("\1\0\1"s).string("n").str();
  EXPECT_TRUE(unwrap(sign_request({"ssh-rsa", blob}, "data")).ends_with("\0\0\0\4"s));
}

TEST(AgentTest, DataThatNoAgentTakesIsNotSent) {
  std::string data(kMaxAgentMessage, 'x');
  EXPECT_EQ(sign_request(test_key(kKeyA), data).error().code, Errc::too_large);
}

TEST(AgentTest, FrameLengthsAreBounded) {
  EXPECT_EQ(unwrap(agent_frame_length("\0\0\1\0"s)), 256u);
  EXPECT_EQ(unwrap(agent_frame_length("\0\4\0\0"s)), kMaxAgentMessage);
  EXPECT_EQ(agent_frame_length("\0\4\0\1"s).error().code, Errc::too_large);
  EXPECT_EQ(agent_frame_length("\xff\xff\xff\xff"s).error().code, Errc::too_large);
  EXPECT_EQ(agent_frame_length("\0\0\0\0"s).error().code, Errc::malformed);
  EXPECT_EQ(agent_frame_length("\0\0\1"s).error().code, Errc::malformed);
}

TEST(AgentTest, IdentitiesOfKnownTypesAreListed) {
  auto a = test_key(kKeyA), certificate = test_key(kCertificate);
  auto reply = Writer()
                   .u8(12)
                   .u32(3)
                   .string(a.blob)
                   .string("me@here")
                   .string(Writer().string("ssh-new").string("?").str())
                   .string("skipped")
                   .string(certificate.blob)
                   .string("")
                   .str();
  auto keys = unwrap(parse_identities(reply));
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].key, a);
  EXPECT_EQ(keys[0].comment, "me@here");
  EXPECT_EQ(keys[1].key, certificate);
  EXPECT_TRUE(unwrap(parse_identities("\x0c\0\0\0\0"s)).empty());
}

TEST(AgentTest, DamagedIdentitiesAreAnError) {
  for (const auto& reply :
       {""s, "\x0c"s, "\x0c\0\0\0\1"s, "\x0c\xff\xff\xff\xff"s, "\x0c\0\0\0\0x"s, "\x0e\0\0\0\0"s,
        "\x0c\0\0\0\1\0\0\0\x09zzzz"s, "\x0c\0\0\0\1\0\0\0\0\0\0\0\0x"s}) {
    auto keys = parse_identities(reply);
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().code, Errc::malformed);
  }
}

TEST(AgentTest, AFailureIsARefusal) {
  EXPECT_EQ(parse_identities("\x05").error().code, Errc::refused);
  EXPECT_EQ(parse_sign_reply("\x05").error().code, Errc::refused);
}

TEST(AgentTest, SignatureReplies) {
  EXPECT_EQ(unwrap(parse_sign_reply("\x0e\0\0\0\3sig"s)), "sig");
  for (const auto& reply : {""s, "\x0e"s, "\x0e\0\0\0\4sig"s, "\x0e\0\0\0\3sigx"s, "\x0c\0\0\0\0"s})
    EXPECT_EQ(parse_sign_reply(reply).error().code, Errc::malformed);
}

}  // namespace
}  // namespace nigh::ssh
