// SPDX-License-Identifier: Apache-2.0
#include "ssh/authorized_keys.hpp"

#include <gtest/gtest.h>

#include "ssh/keys_for_test.hpp"

namespace nigh::ssh {
namespace {

using enum KeyDecision::Outcome;
constexpr std::int64_t kNow = 1750000000;  // 2025

KeyQuery query(const std::string& key = kKeyA, std::string user = "alice",
               std::string source = "192.0.2.1") {
  return {test_key(key), std::move(user), std::move(source), kNow};
}

KeyDecision find(const std::string& text, const KeyQuery& q = query()) {
  return unwrap(find_key(text, "ak", q));
}

struct Case {
  std::string_view what;
  std::string text;
  KeyDecision::Outcome outcome;
  int line;
};

TEST(AuthorizedKeysTest, TheFirstLineThatLetsTheKeyInDecides) {
  for (const auto& c : {
           Case{"empty", "", not_listed, 0},
           Case{"another key", kKeyB, not_listed, 0},
           Case{"plain", "# me\n\n" + kKeyA + " comment\n", listed, 3},
           Case{"blanks and CRLF", " \t" + kKeyA + "\r\n", listed, 1},
           Case{"without final newline", kKeyB + "\n" + kKeyA, listed, 2},
           Case{"options", "no-pty,command=\"a b\" " + kKeyA, listed, 1},
           Case{"blanks after options", "no-pty \t " + kKeyA, listed, 1},
           Case{"commented out", "#" + kKeyA, not_listed, 0},
           Case{"key in a comment", kKeyB + " " + kKeyA, not_listed, 0},
           Case{"key inside an option", "command=\"" + kKeyA + "\" " + kKeyB, not_listed, 0},
           Case{"expired", "expiry-time=\"20240101Z\" " + kKeyA, refused, 1},
           Case{"not from here", "from=\"10.0.0.0/8\" " + kKeyA, refused, 1},
           Case{"from here", "from=\"192.0.2.*\" " + kKeyA, listed, 1},
           Case{"unknown option", "new-restriction " + kKeyA, refused, 1},
           Case{"open quote", "command=\"x " + kKeyA, not_listed, 0},
           Case{"a later line allows", "from=\"10.0.0.0/8\" " + kKeyA + "\n" + kKeyA, listed, 2},
           Case{"an unknown option on another key", "what " + kKeyB + "\n" + kKeyA, listed, 2},
           Case{"a CA is no login key", "cert-authority " + kKeyA, not_listed, 0},
           Case{"principals without CA", "principals=\"alice\" " + kKeyA, refused, 1},
           Case{"type and key disagree", "ssh-rsa " + kKeyA.substr(12), not_listed, 0},
       }) {
    auto decision = find(c.text);
    EXPECT_EQ(decision.outcome, c.outcome) << c.what << ": " << decision.reason;
    EXPECT_EQ(decision.line, c.line) << c.what;
    EXPECT_EQ(decision.reason.empty(), c.outcome != refused) << c.what;
  }
}

TEST(AuthorizedKeysTest, TheOptionsAreThoseOfTheLineThatDecided) {
  auto decision = find("command=\"one\",expiry-time=\"20240101Z\" " + kKeyA + "\ncommand=\"two\" " +
                       kKeyA + "\ncommand=\"three\" " + kKeyA);
  EXPECT_EQ(decision.options.command, "two");
  EXPECT_TRUE(decision.options.restricted);
}

TEST(AuthorizedKeysTest, TheReasonNamesFileLineAndOption) {
  auto reason = find("\nnew-thing " + kKeyA).reason;
  EXPECT_EQ(reason, "ak:2: option 'new-thing' is not known, and may be a restriction");
}

TEST(AuthorizedKeysTest, DamagedAndOverlongLinesAreSkippedWithAWarning) {
  auto decision = find("ssh-ed25519 AAAA\n" + kKeyA + std::string(kMaxAuthorizedKeysLine, ' ') +
                       "x\nno-pty\n" + kKeyA);
  EXPECT_EQ(decision.outcome, listed);
  EXPECT_EQ(decision.line, 4);
  ASSERT_EQ(decision.warnings.size(), 3u);
  EXPECT_EQ(decision.warnings[0], "ak:1 has no readable key and was skipped");
  EXPECT_EQ(decision.warnings[1], "ak:2 is too long and was skipped");
}

TEST(AuthorizedKeysTest, WarningsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "x\n";
  EXPECT_EQ(find(text).warnings.size(), KeyDecision::kMaxWarnings);
}

TEST(AuthorizedKeysTest, AFileThatIsTooLargeIsAnError) {
  auto text = kKeyA + "\n" + std::string(kMaxAuthorizedKeys, '\n');
  EXPECT_EQ(find_key(text, "ak", query()).error().code, Errc::too_large);
}

TEST(AuthorizedKeysTest, ACertificateIsJudgedByItsAuthoritysLine) {
  for (const auto& c : {
           Case{"CA", "cert-authority " + kAuthority, listed, 1},
           Case{"not marked as CA", kAuthority, not_listed, 0},
           Case{"another CA", "cert-authority " + kKeyB, not_listed, 0},
           Case{"the key inside", kKeyA, not_listed, 0},
           Case{"the certificate itself", kCertificate, not_listed, 0},
           Case{"principal", "cert-authority,principals=\"x,ops\" " + kAuthority, listed, 1},
           Case{"no principal", "cert-authority,principals=\"x\" " + kAuthority, refused, 1},
           Case{"empty principals", "cert-authority,principals=\"\" " + kAuthority, refused, 1},
           Case{"from", "cert-authority,from=\"10.0.0.0/8\" " + kAuthority, refused, 1},
           Case{"expired line", "cert-authority,expiry-time=\"20240101Z\" " + kAuthority, refused,
                1},
       }) {
    auto decision = find(c.text, query(kCertificate));
    EXPECT_EQ(decision.outcome, c.outcome) << c.what << ": " << decision.reason;
    EXPECT_EQ(decision.line, c.line) << c.what;
  }
}

TEST(AuthorizedKeysTest, ACertificateMustNameTheUser) {
  auto line = "cert-authority " + kAuthority;
  EXPECT_EQ(find(line, query(kCertificate, "ops")).outcome, listed);
  EXPECT_EQ(find(line, query(kCertificate, "root")).outcome, refused);
  // With principals= the account's own name no longer matters.
  auto mapped = "cert-authority,principals=\"ops\" " + kAuthority;
  EXPECT_EQ(find(mapped, query(kCertificate, "root")).outcome, listed);
}

TEST(AuthorizedKeysTest, ACertificateMustBeInForce) {
  auto q = query(kCertificate);
  q.unix_now = 1500000000;  // 2017
  EXPECT_EQ(find("cert-authority " + kAuthority, q).outcome, refused);
  q.unix_now = 2500000000;  // 2049
  EXPECT_EQ(find("cert-authority " + kAuthority, q).outcome, refused);
}

TEST(AuthorizedKeysTest, ACertificatesOwnRestrictionsCount) {
  auto line = "cert-authority " + kAuthority;
  EXPECT_EQ(find(line, query(kRestrictedCertificate)).outcome, refused);
  auto decision = find(line, query(kRestrictedCertificate, "alice", "10.1.2.3"));
  EXPECT_EQ(decision.outcome, listed) << decision.reason;
  EXPECT_EQ(decision.options.command, "uptime");
  EXPECT_TRUE(decision.options.pty && decision.options.restricted);
  EXPECT_FALSE(decision.options.port_forwarding);
  auto other = "cert-authority,command=\"date\" " + kAuthority;
  EXPECT_EQ(find(other, query(kRestrictedCertificate, "alice", "10.1.2.3")).outcome, refused);
}

TEST(AuthorizedKeysTest, ACertificateThatWasAlteredIsAnError) {
  auto q = query(kCertificate);
  q.offered.blob.back() ^= 1;
  EXPECT_FALSE(find_key("cert-authority " + kAuthority, "ak", q));
}

}  // namespace
}  // namespace nigh::ssh
