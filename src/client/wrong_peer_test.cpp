// SPDX-License-Identifier: Apache-2.0
#include "client/wrong_peer.hpp"

#include <gmock/gmock.h>

namespace nigh::client {
namespace {

using testing::HasSubstr;

std::string told(std::string_view first_bytes, Errc code = Errc::refused) {
  return explain_failed_handshake("web1:22", first_bytes, {code, "wrong version number"}).message;
}

TEST(AWrongPeer, IsNamedByItsFirstBytes) {
  EXPECT_THAT(told("SSH-2.0-OpenSSH"), HasSubstr("web1:22 speaks SSH, not nigh"));
  EXPECT_THAT(told("HTTP/1.1 400 Bad"), HasSubstr("plain HTTP"));
  EXPECT_THAT(told("220 mail ESMTP\r\n"), HasSubstr("greets with '220 mail ESMTP\\x0d\\x0a'"));
  EXPECT_THAT(told("RFB 003.008\n"), HasSubstr("does not speak TLS"));
  EXPECT_THAT(told("\x15\x03\x03"), HasSubstr("is a TLS server but not nigh: wrong version"));
}

TEST(AWrongPeer, CannotSteerTheTerminal) {
  EXPECT_THAT(told("\x1b[2Jhello"), HasSubstr("\\x1b[2Jhello"));
}

TEST(APeerThatSaysNothing, IsToldApartFromOneThatBreaksTheHandshake) {
  auto closed = explain_failed_handshake("web1:1", "", {Errc::closed, "x"});
  EXPECT_EQ(closed.code, Errc::closed);
  EXPECT_THAT(closed.message, HasSubstr("without a word"));
  auto reset = explain_failed_handshake("web1:1", "", {Errc::unavailable, "Connection reset"});
  EXPECT_EQ(reset.code, Errc::unavailable);
  EXPECT_THAT(reset.message, HasSubstr("handshake with web1:1 failed: Connection reset"));
}

}  // namespace
}  // namespace nigh::client
