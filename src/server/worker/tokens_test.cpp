// SPDX-License-Identifier: Apache-2.0
#include "server/worker/tokens.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "base/folder_for_test.hpp"
#include "ssh/random.hpp"

namespace nigh::server {
namespace {

using nigh::for_test::Folder;
using nigh::for_test::mode_of;

constexpr std::int64_t kNow = 1'750'000'000;

struct Store {
  Folder folder;
  std::string directory = folder / "state/nigh";
  TokenStore tokens{directory};
};

std::string hash_of(const TokenStore::Issued& issued) { return ssh::sha256(issued.token.expose()); }

TEST(TokenStoreTest, AnIssuedTokenIsFoundByItsHashUntilItExpires) {
  Store store;
  auto issued = store.tokens.issue("alice", "key-a", kNow + 60, kNow).value();
  EXPECT_TRUE(issued.token.expose().starts_with("alice."));
  EXPECT_GE(issued.token.expose().size(), 6u + 43u) << "32 random bytes";
  auto found = store.tokens.find(hash_of(issued), kNow).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, issued.id);
  EXPECT_EQ(found->key, "key-a");
  EXPECT_EQ(found->expires, kNow + 60);
  EXPECT_TRUE(store.tokens.find(hash_of(issued), kNow + 59)->has_value());
  EXPECT_FALSE(store.tokens.find(hash_of(issued), kNow + 60)->has_value());
  EXPECT_FALSE(store.tokens.find(ssh::sha256("alice.x"), kNow)->has_value());
  EXPECT_FALSE(store.tokens.find("", kNow)->has_value());
  EXPECT_FALSE(store.tokens.find(std::string(issued.token.expose()), kNow)->has_value());
}

TEST(TokenStoreTest, NothingIsThereBeforeTheFirstToken) {
  Store store;
  EXPECT_FALSE(store.tokens.find(ssh::sha256("x"), kNow)->has_value());
  EXPECT_EQ(store.tokens.revoke("id", "", kNow), false);
  EXPECT_EQ(mode_of(store.directory), 0u) << "and asking makes nothing";
}

TEST(TokenStoreTest, TheFileIsPrivateAndHoldsNoToken) {
  Store store;
  auto old = ::umask(0);
  auto issued = store.tokens.issue("alice", "key-a", kNow + 60, kNow).value();
  ::umask(old);
  EXPECT_EQ(mode_of(store.directory), 0700u);
  EXPECT_EQ(mode_of(store.directory + "/tokens"), 0600u);
  EXPECT_EQ(mode_of(store.directory + "/tokens.lock"), 0600u);
  auto text = store.folder.read("state/nigh/tokens");
  EXPECT_NE(text.find(issued.id), text.npos);
  auto secret = std::string(issued.token.expose());
  EXPECT_EQ(text.find(secret), text.npos);
  EXPECT_EQ(text.find(secret.substr(6)), text.npos);
}

TEST(TokenStoreTest, ADirectoryThatOthersMayEnterIsNotUsed) {
  Store store;
  ASSERT_TRUE(store.tokens.issue("alice", "k", kNow + 60, kNow));
  ASSERT_EQ(::chmod(store.directory.c_str(), 0755), 0);
  EXPECT_EQ(store.tokens.issue("alice", "k", kNow + 60, kNow).error().code, Errc::refused);
}

TEST(TokenStoreTest, AFileThatOthersCouldReadLetsNobodyIn) {
  Store store;
  auto issued = store.tokens.issue("alice", "k", kNow + 60, kNow).value();
  ASSERT_EQ(::chmod((store.directory + "/tokens").c_str(), 0640), 0);
  EXPECT_EQ(store.tokens.find(hash_of(issued), kNow).error().code, Errc::refused);
}

TEST(TokenStoreTest, AKeyRevokesItsOwnTokensOnlyUnlessItMayAll) {
  Store store;
  auto a = store.tokens.issue("alice", "key-a", kNow + 60, kNow).value();
  auto b = store.tokens.issue("alice", "key-b", kNow + 60, kNow).value();
  EXPECT_EQ(store.tokens.revoke(b.id, "key-a", kNow), false);
  EXPECT_TRUE(store.tokens.find(hash_of(b), kNow)->has_value());
  EXPECT_EQ(store.tokens.revoke(a.id, "key-a", kNow), true);
  EXPECT_FALSE(store.tokens.find(hash_of(a), kNow)->has_value());
  EXPECT_EQ(store.tokens.revoke(a.id, "key-a", kNow), false) << "gone already";
  EXPECT_EQ(store.tokens.revoke(b.id, "", kNow), true);
  EXPECT_FALSE(store.tokens.find(hash_of(b), kNow)->has_value());
  EXPECT_EQ(store.tokens.revoke("", "", kNow), false);
}

TEST(TokenStoreTest, ServersOfOneAccountShareTheirTokens) {
  Store store;
  TokenStore other(store.directory);
  auto issued = store.tokens.issue("alice", "k", kNow + 60, kNow).value();
  auto second = other.issue("alice", "k", kNow + 60, kNow).value();
  EXPECT_TRUE(other.find(hash_of(issued), kNow)->has_value());
  EXPECT_TRUE(store.tokens.find(hash_of(second), kNow)->has_value());
  EXPECT_EQ(other.revoke(issued.id, "k", kNow), true);
  EXPECT_FALSE(store.tokens.find(hash_of(issued), kNow)->has_value());
}

TEST(TokenStoreTest, ExpiredTokensLeaveTheFileAndDamagedLinesAreSkipped) {
  Store store;
  auto old = store.tokens.issue("alice", "k", kNow + 1, kNow).value();
  auto kept = store.tokens.issue("alice", "k", kNow + 100, kNow).value();
  store.folder.write("state/nigh/tokens",
                     "\n  \nid hash 1\nid !! 99999999999 aa\nid aaaa 99999999999999999999999 aa\n" +
                         store.folder.read("state/nigh/tokens") + "half a li");
  EXPECT_TRUE(store.tokens.find(hash_of(kept), kNow)->has_value());
  ASSERT_TRUE(store.tokens.issue("alice", "k", kNow + 100, kNow + 50));
  auto text = store.folder.read("state/nigh/tokens");
  EXPECT_EQ(text.find(old.id), text.npos);
  EXPECT_NE(text.find(kept.id), text.npos);
}

TEST(TokenStoreTest, ALeftOverOfAServerThatWasKilledIsNoObstacle) {
  Store store;
  ASSERT_TRUE(store.tokens.issue("alice", "k", kNow + 60, kNow));
  store.folder.write("state/nigh/tokens.new", "half");
  EXPECT_TRUE(store.tokens.issue("alice", "k", kNow + 60, kNow));
}

TEST(TokenStoreTest, ThereIsALimitThatExpiredTokensDoNotCountFor) {
  Store store;
  ASSERT_TRUE(store.tokens.issue("alice", "k", kNow + 60, kNow));
  auto line = store.folder.read("state/nigh/tokens");
  std::string full;
  for (std::size_t i = 0; i < TokenStore::kMaxTokens; ++i) full += line;
  store.folder.write("state/nigh/tokens", full);
  EXPECT_EQ(store.tokens.issue("alice", "k", kNow + 60, kNow).error().code, Errc::too_large);
  EXPECT_TRUE(store.tokens.issue("alice", "k", kNow + 200, kNow + 60));
}

}  // namespace
}  // namespace nigh::server
