// SPDX-License-Identifier: Apache-2.0
#include "files/files_for_test.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;

class RemoveTreeTest : public ::testing::Test {
 protected:
  Folder folder_;
  Directory top_ = open_folder(folder_);
};

TEST_F(RemoveTreeTest, AllOfItGoesAndNothingElse) {
  auto b = unwrap(unwrap(top_.make_child("a", 0755)).make_child("b", 0755));
  folder_.write("a/b/file", "x");
  folder_.write("a/.nigh-tmp-0123456789abcdef", "x");
  folder_.write("a/\xFF\n", "x");
  ASSERT_EQ(::mkfifo((folder_ / "a/p").c_str(), 0600), 0);
  unwrap(b.make_child("c", 0755));
  folder_.write("stays", "x");
  EXPECT_TRUE(remove_tree(top_, "a", expect_no_failure()));
  EXPECT_THAT(names_in(top_), ElementsAre("stays"));
}

TEST_F(RemoveTreeTest, LinksOutOfItLeaveTheOutsideAlone) {
  Folder outside;
  outside.write("file", "precious");
  unwrap(top_.make_child("a", 0755));
  ASSERT_EQ(::symlink(outside.path().c_str(), (folder_ / "a/link").c_str()), 0);
  ASSERT_EQ(::symlink(outside.path().c_str(), (folder_ / "top").c_str()), 0);
  EXPECT_TRUE(remove_tree(top_, "a", expect_no_failure()));
  EXPECT_TRUE(remove_tree(top_, "top", expect_no_failure()));
  EXPECT_EQ(outside.read("file"), "precious");
  EXPECT_TRUE(names_in(top_).empty());
}

TEST_F(RemoveTreeTest, AFileIsRemovedAndWhatIsNotThereIsGone) {
  folder_.write("file", "x");
  EXPECT_TRUE(remove_tree(top_, "file", expect_no_failure()));
  EXPECT_TRUE(remove_tree(top_, "file", expect_no_failure()));
}

TEST_F(RemoveTreeTest, ANameThatIsAPathIsRefused) {
  Failures failures;
  EXPECT_FALSE(remove_tree(top_, "..", failures.hear()));
  EXPECT_EQ(failures.heard.size(), 1U);
}

TEST_F(RemoveTreeTest, DepthTakesNeitherStackNorDescriptors) {
  make_deep(top_, "d", 300);
  FewDescriptors few(100);
  EXPECT_TRUE(remove_tree(top_, "d", expect_no_failure()));
  EXPECT_TRUE(names_in(top_).empty());
}

TEST_F(RemoveTreeTest, WhatCannotBeRemovedIsReportedOnceAndTheRestGoes) {
  if (::geteuid() != 0) GTEST_SKIP() << "the files have to be somebody else's";
  ::chmod(folder_.path().c_str(), 0777);
  unwrap(top_.make_child("a", 0777));
  unwrap(unwrap(top_.child("a")).make_child("closed", 0755));
  unwrap(unwrap(top_.child("a")).make_child("open", 0777));
  ::chmod((folder_ / "a").c_str(), 0777);
  ::chmod((folder_ / "a/open").c_str(), 0777);
  folder_.write("a/closed/file", "x");
  folder_.write("a/open/file", "x");
  EXPECT_TRUE(as_nobody([&] {
    Failures failures;
    return !remove_tree(top_, "a", failures.hear()) && failures.heard.size() == 1 &&
           failures.heard[0] == std::pair(folder_ / "a/closed/file", Errc::refused);
  }));
  EXPECT_THAT(names_in(unwrap(top_.child("a"))), ElementsAre("closed"));
}

}  // namespace
}  // namespace nigh::files
