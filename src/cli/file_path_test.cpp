// SPDX-License-Identifier: Apache-2.0
#include "cli/file_path.hpp"

#include <gmock/gmock.h>

namespace nigh::cli {
namespace {

using testing::HasSubstr;

FilePath parsed(std::string_view text) {
  auto file = parse_file_path(text);
  EXPECT_TRUE(file) << text << ": " << file.error().message;
  return file.value_or(FilePath());
}

std::string complaint(std::string_view text) {
  auto file = parse_file_path(text);
  return file ? "none" : file.error().message;
}

TEST(FilePathTest, AColonBeforeTheFirstSlashEndsAHost) {
  EXPECT_EQ(parsed("web1:a/b"), (FilePath{"web1", "a/b"}));
  EXPECT_EQ(parsed("web1:/etc/hosts"), (FilePath{"web1", "/etc/hosts"}));
  EXPECT_EQ(parsed("ada@web1:~/x"), (FilePath{"ada@web1", "~/x"}));
  EXPECT_EQ(parsed("ada@example.org@web1:x"), (FilePath{"ada@example.org@web1", "x"}));
  EXPECT_EQ(parsed("web1:"), (FilePath{"web1", ""}));
  EXPECT_EQ(parsed("web1:a:b"), (FilePath{"web1", "a:b"}));
}

TEST(FilePathTest, AllElseIsOfThisMachine) {
  for (std::string text : {"a", "./a:b", "/a:b", "a/b:c", ":a", ":", "[a", "[a:b", "a@[b:c", "~"})
    EXPECT_EQ(parsed(text), (FilePath{"", text}));
}

TEST(FilePathTest, BracketsHoldAnAddressOfIpv6) {
  EXPECT_EQ(parsed("[::1]:a"), (FilePath{"[::1]", "a"}));
  EXPECT_EQ(parsed("ada@[fe80::1%eth0]:/a:b"), (FilePath{"ada@[fe80::1%eth0]", "/a:b"}));
  EXPECT_EQ(parsed("web1:a@[b]:c"), (FilePath{"web1", "a@[b]:c"}));
  EXPECT_EQ(parsed("web1:[a]"), (FilePath{"web1", "[a]"}));
}

TEST(FilePathTest, AUrlHasAnAbsolutePathUnlessItIsBelowTheHome) {
  EXPECT_EQ(parsed("nigh://ada@web1:77/etc/hosts"), (FilePath{"nigh://ada@web1:77", "/etc/hosts"}));
  EXPECT_EQ(parsed("NIGH://[::1]:77/~/a"), (FilePath{"NIGH://[::1]:77", "~/a"}));
  EXPECT_EQ(parsed("nigh://web1/~"), (FilePath{"nigh://web1", "~"}));
  EXPECT_EQ(parsed("nigh://web1/~a"), (FilePath{"nigh://web1", "/~a"}));
  EXPECT_EQ(parsed("nigh://web1/"), (FilePath{"nigh://web1", "/"}));
  EXPECT_EQ(parsed("nigh://web1"), (FilePath{"nigh://web1", ""}));
}

TEST(FilePathTest, AUrlsPathIsPercentEncoded) {
  EXPECT_EQ(parsed("nigh://web1/a%20b%fF%2f"), (FilePath{"nigh://web1", "/a b\xff/"}));
  for (auto* bad : {"nigh://web1/%", "nigh://web1/a%2", "nigh://web1/%zz", "nigh://web1/%00"})
    EXPECT_THAT(complaint(bad), HasSubstr("two hex digits"));
}

TEST(FilePathTest, NothingAndAUrlOfNobodyMakeNoSense) {
  EXPECT_THAT(complaint(""), HasSubstr("empty"));
  EXPECT_THAT(complaint("nigh:///a"), HasSubstr("names no host"));
}

TEST(FilePathTest, SomeCommandsWorkOnHostsOnly) {
  EXPECT_EQ(parse_remote_path("web1:a").value(), (FilePath{"web1", "a"}));
  EXPECT_THAT(parse_remote_path("./web1:a\n").error().message,
              HasSubstr("'./web1:a\\x0a' is a path of this machine"));
}

TEST(FilePathTest, IsShownAsItCanBeTyped) {
  for (std::string text : {"web1:a", "ada@web1:", "[::1]:/a", "nigh://web1/etc", "nigh://web1/~/a"})
    EXPECT_EQ(parsed(text).text(), text);
}

}  // namespace
}  // namespace nigh::cli
