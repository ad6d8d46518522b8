// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder_for_test.hpp"

namespace nigh {
namespace {

using for_test::Folder;
using for_test::mode_of;

TEST(PrivateFileTest, ReadsWhatOnlyTheOwnerCanRead) {
  Folder folder;
  std::string binary("a\0b\n", 4);
  auto file = folder.write("key", binary);
  EXPECT_EQ(read_private_file(file, 100)->expose(), binary);
  EXPECT_EQ(read_private_file(folder.write("empty", ""), 100)->expose(), "");
  EXPECT_EQ(read_private_file(file, 4)->expose(), binary) << "the limit itself is allowed";
}

TEST(PrivateFileTest, RefusesWhatOthersCouldRead) {
  Folder folder;
  for (mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601, 0666}) {
    auto file = folder.write("key", "x", mode);
    auto error = read_private_file(file, 100).error();
    EXPECT_EQ(error.code, Errc::refused) << fmt::format("{:o}", mode);
    EXPECT_EQ(error.message, fmt::format("{} can be read by others: chmod 600 {}", file, file));
  }
  EXPECT_TRUE(read_private_file(folder.write("readonly", "x", 0400), 100));
}

TEST(PrivateFileTest, SaysWhatIsWrongWithOtherThings) {
  Folder folder;
  EXPECT_EQ(read_private_file(folder / "none", 9).error().message,
            fmt::format("cannot read {}: No such file or directory", folder / "none"));
  EXPECT_EQ(read_private_file(folder.path(), 9).error().message, folder.path() + " is not a file");
  auto fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(read_private_file(fifo, 9).error().message, fifo + " is not a file") << "and no wait";
  EXPECT_EQ(read_private_file(folder.write("big", "0123456789"), 9).error().code, Errc::too_large);
}

TEST(PrivateFileTest, WritesANewFileOfModeSixHundredWhateverTheUmask) {
  Folder folder;
  auto old = ::umask(0);
  auto file = folder / "new";
  auto written = write_new_private_file(file, "text");
  ::umask(old);
  ASSERT_TRUE(written);
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(folder.read("new"), "text");
}

TEST(PrivateFileTest, NeverWritesOverOrThroughWhatIsThere) {
  Folder folder;
  folder.write("there", "old");
  EXPECT_FALSE(write_new_private_file(folder / "there", "new"));
  EXPECT_EQ(folder.read("there"), "old");
  ASSERT_EQ(::symlink((folder / "elsewhere").c_str(), (folder / "link").c_str()), 0);
  EXPECT_FALSE(write_new_private_file(folder / "link", "new"));
  EXPECT_EQ(mode_of(folder / "elsewhere"), 0u);
}

TEST(PrivateDirectoryTest, IsMadeWithItsParentsAndUsedAgain) {
  Folder folder;
  auto path = folder / "a/b/c";
  ASSERT_TRUE(make_private_directory(path));
  EXPECT_EQ(mode_of(path), 0700u);
  EXPECT_EQ(mode_of(folder / "a/b"), 0700u) << "another may be of ours, too";
  EXPECT_TRUE(make_private_directory(path));
}

TEST(PrivateDirectoryTest, OneThatOthersMayEnterIsRefused) {
  Folder folder;
  auto path = folder / "state";
  for (mode_t mode : {0710, 0701, 0750, 0777}) {
    ASSERT_TRUE(make_private_directory(path));
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    auto error = make_private_directory(path).error();
    EXPECT_EQ(error.code, Errc::refused);
    EXPECT_TRUE(error.message.ends_with("chmod 700 " + path)) << error.message;
    ASSERT_EQ(::rmdir(path.c_str()), 0);
  }
}

TEST(PrivateDirectoryTest, AFileOrALinkInItsPlaceIsRefused) {
  Folder folder;
  EXPECT_FALSE(make_private_directory(folder.write("file", "")));
  ASSERT_EQ(::symlink(folder.path().c_str(), (folder / "link").c_str()), 0);
  EXPECT_EQ(make_private_directory(folder / "link").error().code, Errc::refused);
  EXPECT_FALSE(make_private_directory(folder / "file/below"));
}

}  // namespace
}  // namespace nigh
