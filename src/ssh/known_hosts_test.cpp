// SPDX-License-Identifier: Apache-2.0
#include "ssh/known_hosts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ssh/keys_for_test.hpp"

namespace nigh::ssh {
namespace {

using enum HostKeyState;

const std::vector<std::string> kNames = {"[web1]:7722", "web1"};

struct Case {
  std::string_view what;
  std::string text;
  HostKeyState state;
  int line;
};

void expect_verdicts(std::initializer_list<Case> cases) {
  for (const auto& c : cases) {
    auto verdict = look_up(c.text, "kh", kNames, test_key(kKeyA));
    ASSERT_TRUE(verdict) << c.what << ": " << verdict.error().message;
    EXPECT_EQ(verdict->state, c.state) << c.what;
    EXPECT_EQ(verdict->line, c.line) << c.what;
    EXPECT_EQ(verdict->file, c.state == unknown ? "" : "kh") << c.what;
  }
}

TEST(KnownHostsTest, EachNameHasItsWeight) {
  expect_verdicts({
      {"nothing", "", unknown, 0},
      {"another host", "web2 " + kKeyA, unknown, 0},
      {"host and port", "\n# x\n[web1]:7722 " + kKeyA + " comment", match, 3},
      {"plain host, same key", "web1 " + kKeyA, match, 1},
      {"another port", "[web1]:22 " + kKeyA, unknown, 0},
      {"host and port, other key", "[web1]:7722 " + kKeyB, mismatch, 1},
      {"host and port, other type", "[web1]:7722 " + kEcdsaKey, mismatch, 1},
      {"plain host, other key: sshd's own", "web1 " + kKeyB, unknown, 0},
      {"plain host, other type", "web1 " + kEcdsaKey, unknown, 0},
      {"other key first", "[web1]:7722 " + kKeyB + "\n[web1]:7722 " + kKeyA, match, 2},
      {"same key under the plain name", "[web1]:7722 " + kKeyB + "\nweb1 " + kKeyA, match, 2},
      {"a key type of the future", "[web1]:7722 ssh-new AAAAB3NzaC1uZXcAAAAB", mismatch, 1},
  });
}

TEST(KnownHostsTest, NamesAreMatchedAsPatternsWithoutCase) {
  expect_verdicts({
      {"case", "[WEB1]:7722 " + kKeyA, match, 1},
      {"list", "web2,[web1]:7722,web3 " + kKeyA, match, 1},
      {"star", "[web*]:7722 " + kKeyA, match, 1},
      {"question mark", "[web?]:7722 " + kKeyA, match, 1},
      {"negated", "*,!web1,![web1]:7722 " + kKeyA, unknown, 0},
      {"one name negated, the other not", "*,![web1]:7722 " + kKeyA, match, 1},
      {"blanks and CRLF", "  [web1]:7722\t " + kKeyA + "\r\n", match, 1},
  });
}

TEST(KnownHostsTest, ARevokedKeyIsRefusedEvenWhenAnotherLineAllowsIt) {
  expect_verdicts({
      {"before", "@revoked * " + kKeyA + "\n[web1]:7722 " + kKeyA, revoked, 1},
      {"after", "[web1]:7722 " + kKeyA + "\n@revoked web1 " + kKeyA, revoked, 2},
      {"another key revoked", "[web1]:7722 " + kKeyA + "\n@revoked * " + kKeyB, match, 1},
      {"for another host", "[web1]:7722 " + kKeyA + "\n@revoked web2 " + kKeyA, match, 1},
      {"another key revoked is no mismatch", "@revoked [web1]:7722 " + kKeyB, unknown, 0},
  });
}

TEST(KnownHostsTest, AnAuthoritysKeyIsNoHostsKey) {
  expect_verdicts({
      {"same key", "@cert-authority * " + kKeyA, unknown, 0},
      {"other key", "@cert-authority [web1]:7722 " + kKeyB, unknown, 0},
  });
}

TEST(KnownHostsTest, ACertificateIsVouchedForByItsAuthority) {
  auto key = test_key(kKeyA);
  auto certificate = unwrap(parse_certificate(test_key(kCertificate).blob));
  auto state = [&](const std::string& text) {
    return unwrap(look_up(text, "kh", kNames, key, &certificate)).state;
  };
  EXPECT_EQ(state("@cert-authority *,!web2 " + kAuthority), match);
  EXPECT_EQ(state("@cert-authority web2 " + kAuthority), unknown);
  EXPECT_EQ(state("@cert-authority * " + kKeyB), unknown);
  EXPECT_EQ(state("web1 " + kAuthority), unknown);
  EXPECT_EQ(state("[web1]:7722 " + kKeyA), match);
  EXPECT_EQ(state("@cert-authority * " + kAuthority + "\n@revoked * " + kAuthority), revoked);
  EXPECT_EQ(state("@cert-authority * " + kAuthority + "\n@revoked * " + kKeyA), revoked);
}

TEST(KnownHostsTest, DamagedLinesAreSkippedAndCounted) {
  auto text =
      "[web1]:7722\n[web1]:7722 ssh-ed25519\n[web1]:7722 ssh-ed25519 !!!!\n"
      "[web1]:7722 ssh-rsa " +
      kKeyA.substr(12) + "\n@unknown * " + kKeyA + "\n[web1]:7722 " + kKeyA.substr(0, 40) +
      "\n1024 35 1234567\n";
  auto verdict = unwrap(look_up(text, "kh", kNames, test_key(kKeyA)));
  EXPECT_EQ(verdict.state, unknown);
  EXPECT_EQ(verdict.malformed_lines, 6);  // the last one is about a host "1024"
}

TEST(KnownHostsTest, ARevokedLineThatCannotBeReadRefuses) {
  auto text = "[web1]:7722 " + kKeyA + "\n@revoked web1 ssh-ed25519 AAAA\n";
  auto verdict = look_up(text, "kh", kNames, test_key(kKeyA));
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, Errc::malformed);
  EXPECT_TRUE(verdict.error().message.starts_with("kh:2 ")) << verdict.error().message;
}

TEST(KnownHostsTest, AFileThatIsTooLargeRefuses) {
  std::string text(kMaxKnownHosts + 1, '\n');
  EXPECT_EQ(look_up(text, "kh", kNames, test_key(kKeyA)).error().code, Errc::too_large);
}

TEST(KnownHostsTest, SeveralFilesAreOneList) {
  auto first = "[web1]:7722 " + kKeyB, second = "\n[web1]:7722 " + kKeyA,
       third = "@revoked * " + kKeyA;
  std::vector<KnownHostsText> files = {{"one", first}, {"two", second}};
  auto verdict = unwrap(look_up(files, kNames, test_key(kKeyA)));
  EXPECT_EQ(verdict.state, match);
  EXPECT_EQ(verdict.file, "two");
  EXPECT_EQ(verdict.line, 2);
  files.push_back({"three", third});
  EXPECT_EQ(unwrap(look_up(files, kNames, test_key(kKeyA))).state, revoked);
}

TEST(KnownHostsTest, TheLineToAppendIsFoundAgain) {
  for (bool hashed : {false, true}) {
    auto line = unwrap(known_hosts_line(known_hosts_name("Web1", 7722), test_key(kKeyA), hashed));
    EXPECT_EQ(unwrap(look_up(line, "kh", kNames, test_key(kKeyA))).state, match) << line;
    EXPECT_EQ(unwrap(look_up(line, "kh", kNames, test_key(kKeyB))).state, mismatch) << line;
    EXPECT_EQ(line.contains("web1"), !hashed) << line;
    EXPECT_TRUE(line.ends_with(kKeyA + "\n")) << line;
  }
}

TEST(KnownHostsTest, ANameThatWouldMeanSomethingElseIsNotWritten) {
  for (std::string_view name :
       {"", "a b", "a,b", "*", "a?", "!a", "|1|x", "@revoked", "#x", "a\nb"})
    EXPECT_EQ(known_hosts_line(name, test_key(kKeyA), false).error().code, Errc::usage) << name;
}

TEST(KnownHostsTest, ADamagedHashMatchesNothing) {
  auto line = unwrap(known_hosts_line("web1", test_key(kKeyA), true));
  for (std::string hosts : {"|1|", "|1||", "|1|AAAA|AAAA", "|2|AAAA|AAAA", "|", "||||"})
    EXPECT_EQ(unwrap(look_up(hosts + " " + kKeyA, "kh", kNames, test_key(kKeyA))).state, unknown)
        << hosts;
  auto cut = line.substr(0, line.find(' ') - 1) + " " + kKeyA;
  EXPECT_EQ(unwrap(look_up(cut, "kh", kNames, test_key(kKeyA))).state, unknown);
}

}  // namespace
}  // namespace nigh::ssh
