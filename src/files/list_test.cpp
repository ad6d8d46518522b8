// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "files/files_for_test.hpp"
#include "files/name_list.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;

class ListTest : public ::testing::Test {
 protected:
  Folder folder_;
  Directory top_ = open_folder(folder_);
};

TEST_F(ListTest, NamesAreBytesAndSortedAsSuch) {
  std::string longest(255, 'z');
  for (std::string name : {"b", "a", "\xFF\xFE", "a\nb", "a-b", " ", "é", "long enough: 2", "B",
                           "long enough: 10", "long enough", longest.c_str()})
    folder_.write(name, "");
  EXPECT_THAT(names_of(unwrap(list(top_, false, expect_no_failure()))),
              ElementsAre(" ", "B", "a", "a\nb", "a-b", "b", "long enough", "long enough: 10",
                          "long enough: 2", longest, "é", "\xFF\xFE"));
}

TEST_F(ListTest, OurTemporaryNamesAreNoEntries) {
  for (auto name : {".nigh-tmp-0123456789abcdef", ".nigh-part-0123456789abcdef", ".nigh"})
    folder_.write(name, "");
  std::vector<std::string> temporaries;
  EXPECT_THAT(names_of(unwrap(list(top_, false, expect_no_failure(), &temporaries))),
              ElementsAre(".nigh"));
  EXPECT_THAT(temporaries,
              ElementsAre(".nigh-part-0123456789abcdef", ".nigh-tmp-0123456789abcdef"));
}

TEST_F(ListTest, TheSameDirectoryCanBeListedAgain) {
  folder_.write("one", "");
  EXPECT_EQ(names_in(top_).size(), 1U);
  folder_.write("two", "");
  EXPECT_EQ(names_in(top_).size(), 2U);
}

TEST_F(ListTest, MoreThanTheKernelGivesAtOnce) {
  for (int i = 0; i < 3000; ++i) folder_.write("a name of some length " + std::to_string(i), "");
  auto names = names_in(top_);
  EXPECT_EQ(names.size(), 3000U);
  EXPECT_TRUE(std::ranges::is_sorted(names));
  NameList list;
  ASSERT_TRUE(list.read(top_));
  EXPECT_TRUE(list.contains("a name of some length 2999"));
  EXPECT_FALSE(list.contains("a name of some length 3000"));
}

TEST_F(ListTest, AnEntrySaysWhatItIs) {
  folder_.write("file", "12345", 0640);
  set_mtime(folder_ / "file", -5, 123456789);
  ASSERT_EQ(::link((folder_ / "file").c_str(), (folder_ / "other").c_str()), 0);
  auto entry = unwrap(stat_entry(top_, "file", true));
  EXPECT_EQ(entry.name, "file");
  EXPECT_EQ(entry.kind, Kind::file);
  EXPECT_EQ(entry.mode, 0640U);
  EXPECT_EQ(entry.size, 5U);
  EXPECT_EQ(entry.mtime, (Time{-5, 123456789}));
  EXPECT_EQ(entry.uid, ::geteuid());
  EXPECT_EQ(entry.links, 2U);
  EXPECT_GT(entry.allocated, 0U);
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "file").c_str(), &status), 0);
  EXPECT_EQ(entry.inode, status.st_ino);
  EXPECT_EQ(entry.device, status.st_dev);
}

TEST_F(ListTest, KindsOfAllSorts) {
  ::mkdir((folder_ / "d").c_str(), 0700);
  ASSERT_EQ(::symlink("no\nwhere", (folder_ / "l").c_str()), 0);
  ASSERT_EQ(::mkfifo((folder_ / "p").c_str(), 0600), 0);
  ASSERT_EQ(::mknod((folder_ / "s").c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_EQ(unwrap(stat_entry(top_, "d", false)).kind, Kind::directory);
  EXPECT_EQ(unwrap(stat_entry(top_, "d", false)).size, 0U);
  auto link = unwrap(stat_entry(top_, "l", true));
  EXPECT_EQ(link.kind, Kind::symlink);
  EXPECT_EQ(link.target, "no\nwhere");
  EXPECT_EQ(unwrap(stat_entry(top_, "p", true)).kind, Kind::fifo);
  EXPECT_EQ(unwrap(stat_entry(top_, "s", true)).kind, Kind::socket);
  auto null = unwrap(stat_entry(unwrap(Directory::open("/dev")), "null", false));
  EXPECT_EQ(null.kind, Kind::char_device);
  EXPECT_EQ(null.device_major, 1U);
  EXPECT_EQ(null.device_minor, 3U);
}

TEST_F(ListTest, WhatIsNotThereIsNotFound) {
  auto entry = stat_entry(top_, "none", false);
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, Errc::not_found);
  EXPECT_EQ(stat_entry(top_, "..", false).error().code, Errc::usage);
}

TEST_F(ListTest, ExtendedAttributesOfUsersAreRead) {
  auto file = folder_.write("f", "");
  ASSERT_EQ(::setxattr(file.c_str(), "user.b", "two\0x", 5, 0), 0);
  ASSERT_EQ(::setxattr(file.c_str(), "user.a", "", 0, 0), 0);
  std::vector<Xattr> expected{{"user.a", ""}, {"user.b", std::string("two\0x", 5)}};
  EXPECT_EQ(unwrap(stat_entry(top_, "f", true)).xattrs, expected);
  EXPECT_TRUE(unwrap(stat_entry(top_, "f", false)).xattrs.empty());
  auto fd = unwrap(open_file(top_, "f"));
  EXPECT_EQ(unwrap(stat_fd(fd.get(), true, "f")).xattrs, expected);
  EXPECT_EQ(unwrap(list(top_, true, expect_no_failure())).front().xattrs, expected);
}

TEST_F(ListTest, AnUnreadableDirectoryIsAnErrorOfTheWholeList) {
  ::chmod(folder_.path().c_str(), 0711);
  if (::geteuid() != 0) GTEST_SKIP() << "it has to be somebody else's";
  EXPECT_TRUE(as_nobody([&] {
    auto listed = list(unwrap(Directory::open(folder_.path())), false, {});
    return !listed && listed.error().code == Errc::refused;
  }));
}

TEST_F(ListTest, EntriesThatCannotBeReadAreReportedOneByOne) {
  folder_.write("file", "");
  ::chmod(folder_.path().c_str(), 0744);  // names, but nothing behind them
  if (::geteuid() != 0) GTEST_SKIP() << "it has to be somebody else's";
  EXPECT_TRUE(as_nobody([&] {
    Failures failures;
    auto listed = list(unwrap(Directory::open(folder_.path())), false, failures.hear());
    return listed && listed->empty() && failures.heard.size() == 1 &&
           failures.heard[0] == std::pair(folder_ / "file", Errc::refused);
  }));
}

TEST_F(ListTest, OnlyRegularFilesAreOpened) {
  folder_.write("file", "text");
  ::mkdir((folder_ / "d").c_str(), 0700);
  ASSERT_EQ(::symlink("file", (folder_ / "l").c_str()), 0);
  ASSERT_EQ(::mkfifo((folder_ / "p").c_str(), 0600), 0);
  ASSERT_EQ(::mknod((folder_ / "s").c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_TRUE(open_file(top_, "file"));
  for (auto name : {"d", "l", "p", "s", "../etc"})
    EXPECT_EQ(open_file(top_, name).error().code, Errc::usage) << name;
  EXPECT_EQ(open_file(top_, "none").error().code, Errc::not_found);
  auto fd = unwrap(open_file(top_, "file"));
  EXPECT_NE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace nigh::files
