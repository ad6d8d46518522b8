// SPDX-License-Identifier: Apache-2.0
#include "server/front/credentials.hpp"

#include <gtest/gtest.h>

#include "ssh/sshsig.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

std::string signature(std::string_view name_space = "nigh-auth-v1") {
  static const auto key = unwrap(ssh::PrivateKey::generate_ed25519());
  return wire::base64(unwrap(ssh::sign_sshsig(key, name_space, "exporter")));
}

TEST(CredentialsTest, AnSshsigIsTakenApartIntoItsFields) {
  auto parsed = parse_credentials("SSHSIG " + signature(), "alice").value();
  const auto& proof = std::get<KeyProof>(parsed);
  auto sshsig = ssh::parse_sshsig(wire::base64_decode(signature()).value()).value();
  EXPECT_EQ(proof.user, "alice");
  EXPECT_EQ(proof.key, sshsig.key.blob);
  EXPECT_EQ(proof.hash, "sha512");
  EXPECT_EQ(proof.signature, sshsig.signature);
}

TEST(CredentialsTest, TheSchemeIsTakenInAnyCaseAndWithMoreBlanks) {
  for (std::string scheme : {"SSHSIG ", "sshsig ", "SshSig   ", "SSHSIG \t"})
    EXPECT_TRUE(parse_credentials(scheme + signature() + " ", "alice")) << scheme;
  for (const char* text : {"Bearer abc", "bearer abc", "BEARER  abc "})
    EXPECT_EQ(std::get<BearerToken>(parse_credentials(text, "").value()).text.expose(), "abc");
}

TEST(CredentialsTest, ATokenNeedsNoUser) {
  EXPECT_TRUE(parse_credentials("Bearer x", ""));
  EXPECT_TRUE(parse_credentials("Bearer " + std::string(512, 'x'), "bob"));
}

TEST(CredentialsTest, WhatIsNeitherIsRefusedWithAReason) {
  const auto sig = signature();
  struct Row {
    std::string authorization, user, reason;
  };
  const Row table[] = {
      {"", "alice", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {" ", "alice", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {"Basic YWxpY2U6cHc=", "alice", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {"SSHSIGN " + sig, "alice", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {"Bearer", "", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {"Bearer  ", "", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {"Bearer " + std::string(513, 'x'), "", "log in with SSHSIG or Bearer; see docs/protocol.md"},
      {"SSHSIG " + sig, "", "SSHSIG needs the account in the nigh-user field"},
      {"SSHSIG " + sig, std::string(257, 'a'), "SSHSIG needs the account in the nigh-user field"},
      {"SSHSIG " + signature("git"), "alice", "the signature was made for another purpose"},
      {"SSHSIG", "alice", "this is no SSH signature"},
  };
  for (const auto& row : table) {
    auto refused = parse_credentials(row.authorization, row.user);
    ASSERT_FALSE(refused) << row.authorization;
    EXPECT_EQ(refused.error().message, row.reason) << row.authorization;
  }
}

TEST(CredentialsTest, ADamagedSignatureIsRefusedWhereverItIsCut) {
  const auto whole = wire::base64_decode(signature()).value();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_credentials("SSHSIG " + wire::base64(whole.substr(0, size)), "alice"));
  EXPECT_FALSE(parse_credentials("SSHSIG " + wire::base64(whole + "x"), "alice"));
  EXPECT_FALSE(parse_credentials("SSHSIG !" + signature(), "alice"));
  EXPECT_FALSE(parse_credentials("SSHSIG " + signature() + " " + signature(), "alice"));
}

std::string token_of(std::string_view proxy_authorization) {
  auto parsed = parse_proxy_credentials(proxy_authorization);
  return parsed ? std::string(std::get<BearerToken>(*parsed).text.expose()) : "";
}

TEST(ProxyCredentialsTest, ATokenIsAPasswordOrABearers) {
  EXPECT_EQ(token_of("Basic " + wire::base64("anybody:ada.token")), "ada.token");
  EXPECT_EQ(token_of("basic  " + wire::base64(":a:b") + " "), "a:b");
  EXPECT_EQ(token_of("Bearer ada.token"), "ada.token");
  EXPECT_EQ(token_of("Basic " + wire::base64("x:" + std::string(512, 'x'))).size(), 512u);
}

TEST(ProxyCredentialsTest, WhatIsNoTokenIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("Basic"), std::string("Basic !"), std::string("Bearer "),
        "Basic " + wire::base64("token"), "Basic " + wire::base64("user:"),
        "Basic " + wire::base64("x:" + std::string(513, 'x')), "SSHSIG " + signature()})
    EXPECT_FALSE(parse_proxy_credentials(text)) << text;
}

}  // namespace
}  // namespace nigh::server
