// SPDX-License-Identifier: Apache-2.0
#include "files/directory.hpp"

#include "files/beneath.hpp"
#include "files/files_for_test.hpp"

namespace nigh::files {
namespace {

using namespace for_test;

class DirectoryTest : public ::testing::Test {
 protected:
  Folder folder_;
  Directory top_ = open_folder(folder_);
};

Errc code_of(const Result<Directory>& result) {
  return result ? Errc::cancelled : result.error().code;
}

TEST_F(DirectoryTest, OpensWhatAPersonNamesEvenThroughALink) {
  ::mkdir((folder_ / "real").c_str(), 0700);
  ASSERT_EQ(::symlink("real", (folder_ / "link").c_str()), 0);
  EXPECT_TRUE(Directory::open(folder_ / "link"));
  EXPECT_EQ(code_of(Directory::open(folder_ / "none")), Errc::not_found);
  folder_.write("file", "");
  auto file = Directory::open(folder_ / "file");
  ASSERT_EQ(code_of(file), Errc::usage);
  EXPECT_EQ(file.error().message, "cannot open " + folder_ / "file" + ": Not a directory");
}

TEST_F(DirectoryTest, ChildFollowsNoLinkAndLeavesByNoName) {
  ::mkdir((folder_ / "real").c_str(), 0700);
  ASSERT_EQ(::symlink("real", (folder_ / "link").c_str()), 0);
  EXPECT_TRUE(top_.child("real"));
  EXPECT_EQ(code_of(top_.child("link")), Errc::usage);
  for (std::string_view bad : {"", ".", "..", "real/..", "/etc", "real/"})
    EXPECT_EQ(code_of(top_.child(bad)), Errc::usage) << bad;
  EXPECT_EQ(code_of(top_.child(std::string_view("real\0x", 6))), Errc::usage);
  EXPECT_EQ(code_of(top_.child(std::string(256, 'x'))), Errc::usage);
}

TEST_F(DirectoryTest, BeneathTakesASwapForALinkAsAFailure) {
  make_deep(top_, "a", 3);
  EXPECT_EQ(unwrap(top_.beneath("a/a/a")).path(), folder_ / "a/a/a");
  EXPECT_EQ(unwrap(top_.beneath("")).path(), folder_.path());
  ASSERT_EQ(::rename((folder_ / "a/a").c_str(), (folder_ / "b").c_str()), 0);
  ASSERT_EQ(::symlink("../b", (folder_ / "a/a").c_str()), 0);
  EXPECT_EQ(code_of(top_.beneath("a/a/a")), Errc::usage);
  EXPECT_EQ(code_of(top_.beneath("a/a")), Errc::usage);
  EXPECT_EQ(code_of(top_.beneath("a/none")), Errc::not_found);
}

TEST_F(DirectoryTest, BeneathRefusesPathsThatAreNotPlain) {
  make_deep(top_, "a", 2);
  for (std::string_view bad : {"a/../a", "/a", "a/", "a//a", "./a", "..", "a/."})
    EXPECT_EQ(code_of(top_.beneath(bad)), Errc::usage) << bad;
}

TEST_F(DirectoryTest, StepsAreAsStrictAsTheKernel) {
  make_deep(top_, "a", 3);
  EXPECT_TRUE(open_by_steps(top_.fd(), "a/a/a").valid());
  EXPECT_FALSE(open_by_steps(top_.fd(), "a/../a").valid());
  EXPECT_FALSE(open_by_steps(top_.fd(), "").valid());
  ASSERT_EQ(::rename((folder_ / "a/a").c_str(), (folder_ / "b").c_str()), 0);
  ASSERT_EQ(::symlink("../b", (folder_ / "a/a").c_str()), 0);
  EXPECT_FALSE(open_by_steps(top_.fd(), "a/a/a").valid());
  EXPECT_FALSE(open_by_steps(top_.fd(), "a/a").valid());
}

TEST_F(DirectoryTest, BeneathReachesDeeperThanAPathMayBeLong) {
  std::string name(200, 'n'), path;
  make_deep(top_, name, 60);
  for (int i = 0; i < 60; ++i) path += (i == 0 ? "" : "/") + name;
  auto deepest = top_.beneath(path);
  ASSERT_TRUE(deepest) << deepest.error().message;
  EXPECT_TRUE(deepest->make_child("x", 0700));
  EXPECT_TRUE(remove_tree(top_, name, expect_no_failure()));
}

TEST_F(DirectoryTest, ADirectoryIsMadeForItsOwnerToWriteIn) {
  auto made = top_.make_child("new", 0050);
  ASSERT_TRUE(made);
  EXPECT_EQ(mode_of(folder_ / "new") & 0707, 0700U);
  EXPECT_TRUE(made->make_child("within", 0700));
  EXPECT_EQ(code_of(top_.make_child("new", 0700)), Errc::system);
  EXPECT_EQ(code_of(top_.make_child("none/x", 0700)), Errc::usage);
}

TEST_F(DirectoryTest, OneThatMayOnlyBeSearchedStillLeadsOn) {
  ::chmod(folder_.path().c_str(), 0755);
  ::mkdir((folder_ / "hall").c_str(), 0700);
  ::mkdir((folder_ / "hall/room").c_str(), 0755);
  folder_.write("hall/room/file", "text", 0644);
  ::chmod((folder_ / "hall").c_str(), 0111);
  EXPECT_TRUE(as_nobody([&] {
    auto hall = unwrap(Directory::open(folder_ / "hall"));
    auto listed = list(hall, false, expect_no_failure());
    return !listed && listed.error().code == Errc::refused &&
           open_file(unwrap(hall.child("room")), "file") && top_.beneath("hall/room");
  }));
  ::chmod((folder_ / "hall").c_str(), 0700);
}

TEST_F(DirectoryTest, NoRightToEnterIsRefused) {
  ::chmod(folder_.path().c_str(), 0755);
  ::mkdir((folder_ / "closed").c_str(), 0700);
  if (::geteuid() != 0) GTEST_SKIP() << "it has to be somebody else's";
  EXPECT_TRUE(as_nobody([&] {
    return code_of(top_.child("closed")) == Errc::refused &&
           code_of(top_.make_child("new", 0700)) == Errc::refused;
  }));
}

}  // namespace
}  // namespace nigh::files
