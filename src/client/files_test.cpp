// SPDX-License-Identifier: Apache-2.0
#include "client/files.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "client/test_folder.hpp"

namespace nigh::client {
namespace {

using testing::HasSubstr;

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

TEST(ReadFile, AnAbsentFileIsNoError) {
  TestFolder folder;
  auto text = read_file(folder / "none", 10);
  ASSERT_TRUE(text);
  EXPECT_FALSE(text->has_value());
  EXPECT_FALSE(read_file(folder / "none/none", 10).value().has_value());
}

TEST(ReadFile, TheLimitIsInclusive) {
  TestFolder folder;
  auto path = folder.write("f", "0123456789");
  EXPECT_EQ(read_file(path, 10).value(), "0123456789");
  auto over = read_file(path, 9);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Errc::too_large);
}

TEST(ReadFile, WhatIsNoFileIsRefusedAndDoesNotHang) {
  TestFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder / "pipe", 10).error().code, Errc::system);
  EXPECT_THAT(read_file(folder / ".", 10).error().message, HasSubstr("not a file"));
}

TEST(ReadPrivateFile, IsRefusedWhenOthersCanReadIt) {
  TestFolder folder;
  auto path = folder.write("key", "secret", 0640);
  auto text = read_private_file(path, 100);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::refused);
  EXPECT_THAT(text.error().message, testing::AllOf(HasSubstr(path), HasSubstr("chmod 600")));
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(read_private_file(path, 100).value()->expose(), "secret");
}

TEST(ReadTrustedFile, IsRefusedWhenOthersCanWriteIt) {
  TestFolder folder;
  auto path = folder.write("config", "x", 0664);
  EXPECT_EQ(read_trusted_file(path, 10).error().code, Errc::refused);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(read_trusted_file(path, 10).value(), "x");
}

TEST(AppendLine, MakesFolderAndFilePrivate) {
  TestFolder folder;
  auto path = folder / "dot-ssh/known_hosts";
  ASSERT_TRUE(append_line(path, "a\n"));
  EXPECT_EQ(read_file(path, 100).value(), "a\n");
  EXPECT_EQ(mode_of(path), 0600u);
  EXPECT_EQ(mode_of(folder / "dot-ssh"), 0700u);
}

TEST(AppendLine, EndsALastLineThatLacksItsNewline) {
  TestFolder folder;
  auto path = folder.write("known_hosts", "a");
  ASSERT_TRUE(append_line(path, "b\n"));
  ASSERT_TRUE(append_line(path, "c\n"));
  EXPECT_EQ(read_file(path, 100).value(), "a\nb\nc\n");
}

TEST(AppendLine, SaysWhichFileItCouldNotWrite) {
  TestFolder folder;
  auto made = append_line(folder / "no/such/file", "a\n");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("no/such"));
}

}  // namespace
}  // namespace nigh::client
