// SPDX-License-Identifier: Apache-2.0
#include "server/worker/grants.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder_for_test.hpp"
#include "ssh/authorized_keys.hpp"
#include "ssh/keys_for_test.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

using nigh::for_test::Folder;

constexpr std::int64_t kNow = 1'750'000'000;  // 2025-06-15 15:06:40 UTC

struct Desk {
  explicit Desk(const std::string& authorized_keys = ssh::kKeyA + "\n") { write(authorized_keys); }

  void write(const std::string& text, mode_t mode = 0600) {
    folder.write("authorized_keys", text, mode);
  }
  LookUpKey question(const std::string& user = "alice", const std::string& source = "192.0.2.1") {
    return {7, user, ssh::test_key(ssh::kKeyA).blob, source};
  }
  LookedUp ask(const std::string& source = "192.0.2.1") {
    return grants.look_up(question("alice", source), kNow);
  }

  Folder folder;
  TokenStore tokens{folder / "state"};
  SessionStore sessions{folder / "state"};
  Grants grants{
      {"alice", "/home/alice", "/bin/sh", false}, folder / "authorized_keys", tokens, sessions};
};

TEST(GrantsTest, AListedKeyGetsAGrantThatHoldsUntilItIsReleased) {
  Desk desk;
  auto answer = desk.ask();
  ASSERT_TRUE(answer.found) << answer.reason;
  EXPECT_EQ(answer.request, 7u);
  EXPECT_EQ(answer.user, "alice");
  EXPECT_EQ(answer.grant.size(), 16u);
  EXPECT_EQ(answer.fingerprint, ssh::fingerprint(ssh::test_key(ssh::kKeyA)));
  EXPECT_EQ(answer.expires, std::nullopt);
  EXPECT_TRUE(answer.touch_required);
  EXPECT_FALSE(answer.verify_required);
  const auto* grant = desk.grants.find(answer.grant, kNow);
  ASSERT_NE(grant, nullptr);
  EXPECT_EQ(grant->source, "192.0.2.1");
  auto other = desk.ask();
  EXPECT_NE(other.grant, answer.grant) << "every connection has its own";
  desk.grants.release(answer.grant);
  EXPECT_EQ(desk.grants.find(answer.grant, kNow), nullptr);
  EXPECT_NE(desk.grants.find(other.grant, kNow), nullptr);
  EXPECT_EQ(desk.grants.find("", kNow), nullptr);
}

TEST(GrantsTest, TheOptionsOfItsLineGoWithTheGrant) {
  Desk desk("restrict,command=\"x\",no-touch-required,verify-required " + ssh::kKeyA);
  auto answer = desk.ask();
  ASSERT_TRUE(answer.found) << answer.reason;
  EXPECT_FALSE(answer.touch_required);
  EXPECT_TRUE(answer.verify_required);
  const auto& options = desk.grants.find(answer.grant, kNow)->options;
  EXPECT_TRUE(options.restricted);
  EXPECT_EQ(options.command, "x");
  EXPECT_FALSE(options.pty);
}

TEST(GrantsTest, WhoIsNotListedIsToldTheLogWhy) {
  const auto fingerprint = ssh::fingerprint(ssh::test_key(ssh::kKeyA));
  Desk desk(ssh::kKeyB);
  auto file = desk.folder / "authorized_keys";
  EXPECT_EQ(desk.ask().reason, "key " + fingerprint + " is not in " + file);
  EXPECT_EQ(desk.grants.look_up(desk.question("bob"), kNow).reason, "this server is alice's");
  auto garbage = desk.question();
  garbage.key = "garbage";
  EXPECT_FALSE(desk.grants.look_up(garbage, kNow).found);
  ASSERT_EQ(::unlink(file.c_str()), 0);
  EXPECT_EQ(desk.ask().reason, "cannot read " + file + ": No such file or directory");
  EXPECT_EQ(desk.ask().grant, "");
}

TEST(GrantsTest, AFileThatOthersCanWriteListsNobody) {
  Desk desk;
  auto file = desk.folder / "authorized_keys";
  for (mode_t mode : {0620, 0602, 0666, 0664}) {
    desk.write(ssh::kKeyA, mode);
    EXPECT_EQ(desk.ask().reason, file + " can be written by others: chmod go-w " + file);
  }
  desk.write(ssh::kKeyA, 0644);
  EXPECT_TRUE(desk.ask().found) << "to be read by others is fine";
  if (::getuid() != 0) return;
  ASSERT_EQ(::chown(file.c_str(), 12345, 0), 0);
  EXPECT_FALSE(desk.ask().found) << "somebody else's file";
}

TEST(GrantsTest, ADirectoryOrAnOversizedFileListsNobody) {
  Desk desk;
  desk.write(ssh::kKeyA + "\n" + std::string(ssh::kMaxAuthorizedKeys, '\n'));
  EXPECT_FALSE(desk.ask().found);
  ASSERT_EQ(::unlink((desk.folder / "authorized_keys").c_str()), 0);
  ASSERT_EQ(::mkdir((desk.folder / "authorized_keys").c_str(), 0700), 0);
  EXPECT_FALSE(desk.ask().found);
}

TEST(GrantsTest, TheSourceMustMatchFrom) {
  Desk desk("from=\"10.0.0.0/8,!10.9.0.0/16\" " + ssh::kKeyA);
  EXPECT_TRUE(desk.ask("10.1.2.3").found);
  EXPECT_FALSE(desk.ask("10.9.2.3").found);
  EXPECT_FALSE(desk.ask("192.0.2.1").found);
}

TEST(GrantsTest, AGrantEndsWhenItsKeyExpires) {
  Desk desk("expiry-time=\"20250615160000Z\" " + ssh::kKeyA);
  constexpr std::int64_t kExpiry = 1'750'003'200;
  auto answer = desk.ask();
  ASSERT_TRUE(answer.found) << answer.reason;
  EXPECT_EQ(answer.expires, kExpiry);
  EXPECT_NE(desk.grants.find(answer.grant, kExpiry - 1), nullptr);
  EXPECT_EQ(desk.grants.find(answer.grant, kExpiry), nullptr);
  EXPECT_FALSE(desk.grants.look_up(desk.question(), kExpiry + 1).found);
}

struct TokenDesk : Desk {
  using Desk::Desk;
  TokenStore::Issued issue(std::int64_t expires = kNow + 600) {
    return tokens.issue("alice", ssh::test_key(ssh::kKeyA).blob, expires, kNow).value();
  }
  LookedUp use(const TokenStore::Issued& token, std::int64_t now = kNow) {
    return grants.look_up(LookUpToken{8, ssh::sha256(token.token.expose()), "192.0.2.9"}, now);
  }
};

TEST(TokenGrantsTest, ATokenHasTheRightsThatItsKeyHasNow) {
  TokenDesk desk;
  auto token = desk.issue();
  auto answer = desk.use(token);
  ASSERT_TRUE(answer.found) << answer.reason;
  EXPECT_EQ(answer.expires, kNow + 600);
  EXPECT_EQ(desk.grants.find(answer.grant, kNow)->token_id, token.id);

  desk.write("restrict " + ssh::kKeyA);
  EXPECT_TRUE(desk.grants.find(desk.use(token).grant, kNow)->options.restricted);
  desk.write("from=\"10.0.0.0/8\" " + ssh::kKeyA);
  EXPECT_FALSE(desk.use(token).found);
  desk.write(ssh::kKeyB);
  EXPECT_FALSE(desk.use(token).found) << "its key was removed";
}

TEST(TokenGrantsTest, TheEarlierOfTokenAndKeyExpiryCounts) {
  TokenDesk desk("expiry-time=\"20250615160000Z\" " + ssh::kKeyA);
  EXPECT_EQ(desk.use(desk.issue(kNow + 60)).expires, kNow + 60);
  EXPECT_EQ(desk.use(desk.issue(kNow + 86400)).expires, 1'750'003'200);
}

TEST(TokenGrantsTest, AnUnknownOrExpiredTokenIsRefused) {
  TokenDesk desk;
  auto token = desk.issue();
  EXPECT_EQ(desk.use(token, kNow + 600).reason, "no such token, or it has expired");
  EXPECT_EQ(desk.use({"id", Secret("alice.forged")}).reason, "no such token, or it has expired");
}

TEST(TokenGrantsTest, RevokingATokenEndsItsGrantsAndNoOthers) {
  TokenDesk desk;
  auto token = desk.issue(), other = desk.issue();
  auto first = desk.use(token).grant, second = desk.use(token).grant;
  auto kept = desk.use(other).grant, by_key = desk.ask().grant;
  desk.grants.release_token(token.id);
  EXPECT_EQ(desk.grants.find(first, kNow), nullptr);
  EXPECT_EQ(desk.grants.find(second, kNow), nullptr);
  EXPECT_NE(desk.grants.find(kept, kNow), nullptr);
  EXPECT_NE(desk.grants.find(by_key, kNow), nullptr);
}

TEST(GrantsTest, AResumeTokenHasItsKeysRightsForOneAttachment) {
  Desk desk;
  SessionFacts facts;
  unwrap(desk.sessions.make(facts));
  auto key = ssh::test_key(ssh::kKeyA).blob;
  unwrap(write_session_file(
      desk.sessions.path(facts.id) + "/resume/" + wire::hex(ssh::sha256("nigh_r_x")),
      with_attachment(resume_text({key, "0123456789ab"}), 2)));
  LookUpToken question{1, ssh::sha256("nigh_r_x"), "192.0.2.1"};
  auto answer = desk.grants.look_up(question, kNow);
  ASSERT_TRUE(answer.found) << answer.reason;
  const auto* grant = desk.grants.find(answer.grant, kNow);
  ASSERT_TRUE(grant->only);
  EXPECT_EQ(grant->only->session, facts.id);
  EXPECT_EQ(grant->only->attachment, 2u);
  desk.grants.release_token("0123456789ab");
  EXPECT_EQ(desk.grants.find(answer.grant, kNow), nullptr);
  desk.write("from=\"198.51.100.0/24\" " + ssh::kKeyA + "\n");
  EXPECT_FALSE(desk.grants.look_up(question, kNow).found);
  desk.write("\n");
  EXPECT_FALSE(desk.grants.look_up(question, kNow).found);
  desk.write(ssh::kKeyA + "\n");
  EXPECT_TRUE(desk.grants.look_up(question, kNow).found);
  desk.sessions.remove(facts.id);
  EXPECT_FALSE(desk.grants.look_up(question, kNow).found);
}

}  // namespace
}  // namespace nigh::server
