// SPDX-License-Identifier: Apache-2.0
#include "files/glob.hpp"

#include "files/files_for_test.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;

class GlobTest : public ::testing::Test {
 protected:
  std::vector<std::string> names(std::string_view pattern) {
    auto paths = unwrap(expand(folder_ / pattern));
    for (auto& path : paths) path = path.substr(folder_.path().size() + 1);
    return paths;
  }
  Folder folder_;
};

TEST_F(GlobTest, PatternsMeanWhatMatches) {
  for (auto name : {"b.txt", "a.txt", "B.txt", ".hidden.txt", "c.log"}) folder_.write(name, "");
  ::mkdir((folder_ / "d").c_str(), 0700);
  folder_.write("d/e.txt", "");
  EXPECT_THAT(names("*.txt"), ElementsAre("B.txt", "a.txt", "b.txt"));
  EXPECT_THAT(names("[ab].txt"), ElementsAre("a.txt", "b.txt"));
  EXPECT_THAT(names("?/*"), ElementsAre("d/e.txt"));
  EXPECT_THAT(names(".h*"), ElementsAre(".hidden.txt"));
  EXPECT_FALSE(expand(folder_ / "{a,b}.txt"));  // that is a shell's
}

TEST_F(GlobTest, WhatExistsMeansItself) {
  for (auto name : {"[ab]", "a", "*", "back\\slash"}) folder_.write(name, "");
  ASSERT_EQ(::symlink("nowhere", (folder_ / "?").c_str()), 0);
  EXPECT_THAT(names("[ab]"), ElementsAre("[ab]"));
  EXPECT_THAT(names("*"), ElementsAre("*"));
  EXPECT_THAT(names("?"), ElementsAre("?"));
  EXPECT_THAT(names("back\\slash"), ElementsAre("back\\slash"));
  EXPECT_THAT(names("\\[ab\\]"), ElementsAre("[ab]"));
}

TEST_F(GlobTest, DanglingLinksAndOddNamesMatchToo) {
  folder_.write("x\n\xFF", "");
  ASSERT_EQ(::symlink("nowhere", (folder_ / "xl").c_str()), 0);
  EXPECT_THAT(names("x*"), ElementsAre("x\n\xFF", "xl"));
}

TEST_F(GlobTest, NoMatchIsNotFound) {
  for (const std::string& pattern :
       {folder_ / "*.none", folder_ / "none", std::string(), std::string("/\0", 2)}) {
    auto found = expand(pattern);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::not_found);
  }
}

TEST(AbsoluteTest, PathsAreRelativeToTheHome) {
  EXPECT_EQ(absolute("", "/home/me"), "/home/me");
  EXPECT_EQ(absolute("~", "/home/me"), "/home/me");
  EXPECT_EQ(absolute("~/a b", "/home/me"), "/home/me/a b");
  EXPECT_EQ(absolute("a/../b", "/home/me/"), "/home/me/a/../b");
  EXPECT_EQ(absolute("/etc", "/home/me"), "/etc");
  EXPECT_EQ(absolute("~root", "/home/me"), "/home/me/~root");
}

}  // namespace
}  // namespace nigh::files
