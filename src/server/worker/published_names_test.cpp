// SPDX-License-Identifier: Apache-2.0
#include "server/worker/published_names.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

using Line = PublishedNames::Line;

struct Names {
  for_test::Folder folder;
  std::string file = folder / "published";
  PublishedNames names{file};
  int front = 0, other = 0;

  Trouble trouble(const std::string& name, const std::string& key) {
    auto published = names.publish(name, key, {&front, 9});
    return published ? Trouble::kLast : published.error().trouble;
  }
  void write(const std::string& text, mode_t mode = 0600) const {
    folder.write("published", text, mode);
  }
  std::string text() const { return folder.read("published"); }
};

TEST(PublishedNamesTest, ANameBelongsToTheKeyThatCameFirst) {
  Names one;
  ASSERT_TRUE(one.names.publish("web1", "SHA256:a", {&one.front, 1}));
  auto refused = one.names.publish("web1", "SHA256:b", {&one.other, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().trouble, Trouble::in_use);
  EXPECT_EQ(one.names.find("web1"), (Line{&one.front, 1}));
  one.names.close({&one.front, 1});
  EXPECT_FALSE(one.names.find("web1"));
  EXPECT_TRUE(one.names.belongs_to_somebody("web1"));
  EXPECT_FALSE(one.names.belongs_to_somebody("web2"));
  // Also after a restart.
  PublishedNames later(one.file);
  EXPECT_FALSE(later.publish("web1", "SHA256:b", {&one.other, 1}));
  EXPECT_TRUE(later.publish("web1", "SHA256:a", {&one.other, 1}));
  EXPECT_EQ(one.text(), "web1 SHA256:a\n");
}

TEST(PublishedNamesTest, OfOneKeyTheNewestLineWins) {
  Names one;
  auto first = one.names.publish("web1", "SHA256:a", {&one.front, 1});
  ASSERT_TRUE(first);
  EXPECT_FALSE(*first);
  auto second = one.names.publish("web1", "SHA256:a", {&one.other, 7});
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, (Line{&one.front, 1}));
  one.names.close({&one.front, 1});  // which has it no more
  EXPECT_EQ(one.names.find("web1"), (Line{&one.other, 7}));
  one.names.close_all(&one.front);
  EXPECT_TRUE(one.names.find("web1"));
  one.names.close_all(&one.other);
  EXPECT_FALSE(one.names.find("web1"));
}

TEST(PublishedNamesTest, WhatIsNoNameIsRefusedAndNotRemembered) {
  Names one;
  for (const char* bad : {"", "localhost", "10.0.0.1", "a b", "a\nb SHA256:x", "A"})
    EXPECT_EQ(one.trouble(bad, "SHA256:a"), Trouble::bad_request) << bad;
  EXPECT_EQ(one.text(), "");
}

TEST(PublishedNamesTest, AFileMaySayAnything) {
  Names one;
  one.write(std::string("# mine\n\n web3 x\nweb1\nweb1 \nweb1 SHA256:a\nweb1 SHA256:b\n\xff") +
            '\0' + "\nlocalhost y\nweb2   SHA256:c  ");
  EXPECT_EQ(one.trouble("web1", "SHA256:b"), Trouble::in_use);
  EXPECT_EQ(one.trouble("web1", "SHA256:a"), Trouble::kLast);
  EXPECT_EQ(one.trouble("web2", "SHA256:a"), Trouble::in_use);
  EXPECT_FALSE(one.names.belongs_to_somebody("web3"));
  EXPECT_FALSE(one.names.belongs_to_somebody("localhost"));
  EXPECT_EQ(one.trouble("web4", "SHA256:d"), Trouble::kLast);
  EXPECT_TRUE(one.text().starts_with("# mine\n")) << "what else it says stays";
  EXPECT_TRUE(one.text().ends_with("web2   SHA256:c  \nweb4 SHA256:d\n"));
}

TEST(PublishedNamesTest, AFileThatCannotBeReadGivesNoNames) {
  Names one;
  one.write("web1 SHA256:a\n", 0644);
  EXPECT_NE(one.trouble("web2", "SHA256:b"), Trouble::kLast);
  EXPECT_EQ(one.text(), "web1 SHA256:a\n");
  one.write(std::string(2u << 20, 'x'));
  EXPECT_NE(one.trouble("web2", "SHA256:b"), Trouble::kLast);
}

TEST(PublishedNamesTest, ALineThatItsOwnerRemovesFreesTheName) {
  Names one;
  ASSERT_EQ(one.trouble("web1", "SHA256:a"), Trouble::kLast);
  one.write("");
  EXPECT_EQ(one.trouble("web1", "SHA256:b"), Trouble::kLast);
}

TEST(PublishedNamesTest, AKeyHasOnlySoManyNames) {
  Names one;
  std::string full;
  for (std::size_t i = 0; i < PublishedNames::kMaxOfAKey; ++i)
    full += fmt::format("w{}.x SHA256:a\n", i);
  one.write(full);
  EXPECT_EQ(one.trouble("one-more", "SHA256:a"), Trouble::busy);
  EXPECT_EQ(one.trouble("w1.x", "SHA256:a"), Trouble::kLast);
  EXPECT_EQ(one.trouble("one-more", "SHA256:b"), Trouble::kLast);
}

}  // namespace
}  // namespace nigh::server
