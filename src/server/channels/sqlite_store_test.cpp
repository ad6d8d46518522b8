// SPDX-License-Identifier: Apache-2.0
#include "server/channels/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

struct Desk {
  std::unique_ptr<SqliteStore> open() {
    return unwrap(SqliteStore::open(folder / "messages", quota, [this] { return now; }));
  }
  for_test::Folder folder;
  Quota quota;
  std::int64_t now = 1'000'000'000;
};

std::vector<std::string> texts(SqliteStore& store, const char* channel, std::uint64_t after = 0) {
  std::vector<std::string> all;
  for (const auto& kept : unwrap(store.next(channel, after, 100, 1 << 20)))
    all.push_back(kept.bytes);
  return all;
}

using Texts = std::vector<std::string>;

TEST(SqliteStoreTest, WhatIsCommittedIsThereWhenItIsOpenedAgain) {
  Desk desk;
  const std::string binary("\0\xff'", 3);
  {
    auto store = desk.open();
    unwrap(store->append("jobs", "ann", 1, binary));
    unwrap(store->append("jobs", "ann", 2, ""));
    unwrap(store->append("other", "ann", 1, "x"));
    unwrap(store->commit());
    unwrap(store->append("jobs", "ann", 3, "not committed"));
  }
  auto store = desk.open();
  EXPECT_EQ(texts(*store, "jobs"), (Texts{binary, ""}));
  EXPECT_EQ(unwrap(store->last("jobs", "ann")), 2u);
  EXPECT_EQ(unwrap(store->last("other", "ann")), 1u);
  EXPECT_EQ(unwrap(store->last("jobs", "bob")), 0u);
  auto facts = unwrap(store->facts());
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].channel, "jobs");
  EXPECT_EQ(facts[0].messages, 2u);
  EXPECT_EQ(facts[0].bytes, 3u);
}

TEST(SqliteStoreTest, WhatIsCommittedOutlivesAProcessThatIsKilled) {
  Desk desk;
  auto child = ::fork();
  if (child == 0) {
    auto store = desk.open();
    unwrap(store->append("jobs", "ann", 1, "kept"));
    unwrap(store->commit());
    unwrap(store->append("jobs", "ann", 2, "lost"));
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(texts(*desk.open(), "jobs"), Texts{"kept"});
}

TEST(SqliteStoreTest, WhatIsRemovedStaysSoAndItsSenderIsRemembered) {
  Desk desk;
  {
    auto store = desk.open();
    for (unsigned i = 1; i <= 3; ++i) unwrap(store->append("jobs", "ann", i, std::to_string(i)));
    unwrap(store->commit());
    auto second = unwrap(store->next("jobs", 0, 2, 1 << 20)).at(1);
    EXPECT_EQ(second.sequence, 2u);
    EXPECT_EQ(second.sender, "ann");
    unwrap(store->remove("other", second.id));
    unwrap(store->remove("jobs", second.id));
    unwrap(store->commit());
    EXPECT_EQ(texts(*store, "jobs", second.id), Texts{"3"});
  }
  auto store = desk.open();
  EXPECT_EQ(texts(*store, "jobs"), (Texts{"1", "3"}));
  unwrap(store->append("jobs", "ann", 2, "again"));
  unwrap(store->append("jobs", "ann", 3, "again"));
  unwrap(store->commit());
  EXPECT_EQ(texts(*store, "jobs"), (Texts{"1", "3"}));
}

TEST(SqliteStoreTest, APageHasABound) {
  Desk desk;
  auto store = desk.open();
  for (unsigned i = 1; i <= 5; ++i) unwrap(store->append("jobs", "ann", i, std::string(10, 'x')));
  EXPECT_EQ(unwrap(store->next("jobs", 0, 100, 25)).size(), 3u);
  EXPECT_EQ(unwrap(store->next("jobs", 0, 2, 1000)).size(), 2u);
  EXPECT_EQ(unwrap(store->next("jobs", 0, 100, 1)).size(), 1u);
}

TEST(SqliteStoreTest, QuotasHoldAndRoomComesBack) {
  Desk desk;
  desk.quota.messages = 2;
  desk.quota.bytes = 1000;
  auto store = desk.open();
  unwrap(store->append("a", "ann", 1, ""));
  unwrap(store->append("b", "ann", 1, ""));
  EXPECT_EQ(store->append("c", "ann", 1, "").error().code, Errc::too_large);
  unwrap(store->commit());
  auto first = unwrap(store->next("a", 0, 1, 1)).at(0);
  unwrap(store->remove("a", first.id));
  EXPECT_EQ(store->append("a", "ann", 2, std::string(900, 'x')).error().code, Errc::too_large);
  unwrap(store->append("a", "ann", 2, std::string(500, 'x')));
  unwrap(store->commit());
}

TEST(SqliteStoreTest, WhatIsTooOldIsForgotten) {
  Desk desk;
  auto store = desk.open();
  unwrap(store->append("jobs", "ann", 1, "old"));
  unwrap(store->commit());
  desk.now += static_cast<std::int64_t>(desk.quota.seconds);
  unwrap(store->append("jobs", "ann", 2, "new"));
  unwrap(store->commit());
  ++desk.now;
  unwrap(store->sweep());
  EXPECT_EQ(texts(*store, "jobs"), Texts{"new"});
  EXPECT_EQ(unwrap(store->last("jobs", "ann")), 2u);
}

TEST(SqliteStoreTest, WhatIsNoDatabaseIsSaid) {
  Desk desk;
  desk.folder.write("messages", std::string(10'000, 'x'));
  auto opened = SqliteStore::open(desk.folder / "messages", desk.quota, [] { return 0; });
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("messages"), std::string::npos);
}

}  // namespace
}  // namespace nigh::server
