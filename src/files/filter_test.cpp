// SPDX-License-Identifier: Apache-2.0
#include "files/filter.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace nigh::files {
namespace {

struct GlobCase {
  std::string_view glob;
  std::vector<std::string_view> matching;
  std::vector<std::string_view> other;
};

TEST(FilterGlob, FollowsTheLanguageOfGitignore) {
  const std::vector<GlobCase> cases{
      {"abc", {"abc"}, {"ab", "abcd", "a/abc", ""}},
      {"", {""}, {"a"}},
      {"a?c",
       {"abc",
        "a\xFF"
        "c"},
       {"ac", "a/c", "abbc"}},
      {"*", {"a", "", ".a"}, {"a/b"}},
      {"*.o", {"a.o", ".o", "a.b.o"}, {"a.oo", "x/a.o"}},
      {"a*b*c", {"abc", "axxbyyc", "abcbc"}, {"abcb", "ac", "ab/c"}},
      {"a/*", {"a/b"}, {"a", "a/b/c"}},
      {"**", {"a", "a/b/c"}, {}},
      {"***", {"a", "a/b/c"}, {}},
      {"**/a", {"a", "b/a", "b/c/a"}, {"ba", "a/b", "b/ca"}},
      {"a/**", {"a/b", "a/b/c"}, {"a", "ab/c"}},
      {"a/**/b", {"a/b", "a/x/b", "a/x/y/b"}, {"ab", "a/xb", "a/x/yb"}},
      {"**/a/**/b/**", {"a/b/c", "x/a/y/z/b/c/d"}, {"a/b", "b/a/c"}},
      {"**/**/a", {"a", "x/y/a"}, {"xa"}},
      // Only between slashes are two asterisks more than one.
      {"a**b", {"ab", "axb"}, {"a/b", "a/x/b"}},
      {"a**/b", {"a/b", "ax/b"}, {"a/x/b"}},
      {"**a", {"a", "ba"}, {"b/a"}},
      {"\\*", {"*"}, {"a", "\\*"}},
      {"\\a\\\\", {"a\\"}, {"\\a\\"}},
      {"a b", {"a b"}, {"ab"}}};
  for (const auto& test : cases) {
    for (auto path : test.matching) EXPECT_TRUE(matches_glob(test.glob, path)) << test.glob << path;
    for (auto path : test.other) EXPECT_FALSE(matches_glob(test.glob, path)) << test.glob << path;
  }
}

TEST(FilterGlob, ReadsBracketsAsGitDoes) {
  const std::vector<GlobCase> cases{
      {"[abc]", {"a", "c"}, {"d", "", "ab"}},
      {"[a-c]x", {"ax", "bx"}, {"dx", "-x"}},
      {"[!a-c]", {"d", "-"}, {"a", "/"}},
      {"[^a]", {"b"}, {"a", "/", ""}},
      {"[]a]", {"]", "a"}, {"b"}},
      {"[!]a]", {"b"}, {"]", "a"}},
      {"[a-]", {"a", "-"}, {"b"}},
      {"[-a]", {"a", "-"}, {"b"}},
      {"[a-c-e]", {"b", "-", "e"}, {"d"}},
      {"[\\]]", {"]"}, {"\\"}},
      {"[a\\-c]", {"a", "-", "c"}, {"b"}},
      {"[+-\\-]", {"+", ",", "-"}, {"."}},
      {"[c-a]", {"c"}, {"a", "b"}},
      {"[.-0]", {".", "0"}, {"/"}},
      {"[[:digit:]_]", {"0", "9", "_"}, {"a", ":", "["}},
      {"[![:space:]]", {"a"}, {" ", "\t"}},
      {"[[:alpha:]-z]", {"a", "-", "z"}, {"1"}},
      {"[[:alpha:][:digit:]]", {"a", "1"}, {"-"}},
      {"[[:xdigit:]]", {"f", "F", "0"}, {"g"}},
      {"[[:print:]]", {" ", "~"}, {"\x1B", "\xC3"}},
      {"[[:]", {"[", ":"}, {"a"}},
      {"[[:a]", {"[", ":", "a"}, {"b"}},
      {"[\x80-\xFF]", {"\xC3"}, {"a"}},
      // These make no sense, so they match nothing, themselves included.
      {"[[:digits:]]", {}, {"1", "[[:digits:]]"}},
      {"[a", {}, {"a", "[a"}},
      {"[]", {}, {"[]", "]"}},
      {"a\\", {}, {"a", "a\\"}}};
  for (const auto& test : cases) {
    for (auto path : test.matching) EXPECT_TRUE(matches_glob(test.glob, path)) << test.glob << path;
    for (auto path : test.other) EXPECT_FALSE(matches_glob(test.glob, path)) << test.glob << path;
  }
}

// Trying one way after the other would take longer than the universe has been there.
TEST(FilterGlob, DoesNotTryEveryWayToMatch) {
  std::string glob;
  for (int i = 0; i < 500; ++i) glob += "**/*a*";
  glob += "b?";
  std::string path;
  for (int i = 0; i < 2000; ++i) path += "a/";
  EXPECT_FALSE(matches_glob(glob, path + "ac"));
}

Filter filter_of(std::vector<FilterRule> rules) {
  return unwrap(Filter::make(std::move(rules), {}));
}

TEST(Filter, LeavesNothingOutWithoutRules) {
  Filter filter;
  EXPECT_TRUE(filter.empty());
  EXPECT_FALSE(filter.excludes("a/b", false));
}

TEST(Filter, TakesTheFirstRuleThatMatches) {
  auto filter = filter_of({{true, "*.c"}, {true, "*/"}, {false, "*"}});
  EXPECT_FALSE(filter.empty());
  EXPECT_FALSE(filter.excludes("src/a.c", false));
  EXPECT_FALSE(filter.excludes("src", true));
  EXPECT_TRUE(filter.excludes("src/a.o", false));
  EXPECT_TRUE(filter.excludes("README", false));
}

TEST(Filter, AnchorsARuleByASlashThatIsNotTheLast) {
  auto filter = filter_of({{false, "/top"}, {false, "a/b"}, {false, "any/"}, {false, "**/deep"}});
  EXPECT_TRUE(filter.excludes("top", false));
  EXPECT_FALSE(filter.excludes("x/top", false));
  EXPECT_TRUE(filter.excludes("a/b", true));
  EXPECT_FALSE(filter.excludes("x/a/b", true));
  EXPECT_TRUE(filter.excludes("x/any", true));
  EXPECT_FALSE(filter.excludes("x/any", false));
  EXPECT_TRUE(filter.excludes("x/y/deep", false));
}

TEST(Filter, TakesARuleToItsLastByteAndItsSignsAsTheyAre) {
  auto filter = filter_of({{false, "a "}, {false, "!b"}, {false, "#c"}});
  EXPECT_TRUE(filter.excludes("a ", false));
  EXPECT_FALSE(filter.excludes("a", false));
  EXPECT_TRUE(filter.excludes("!b", false));
  EXPECT_TRUE(filter.excludes("#c", false));
}

TEST(Filter, RefusesRulesThatCouldNeverMatch) {
  for (std::string pattern : {"", "/", "[a", "x[[:no:]]", "a\\"}) {
    auto made = Filter::make({{true, "ok"}, {false, pattern}}, {});
    ASSERT_FALSE(made) << pattern;
    EXPECT_EQ(made.error().code, Errc::usage);
    EXPECT_NE(made.error().message.find("'" + pattern + "'"), std::string::npos);
  }
}

TEST(Filter, RefusesIgnoreFilesThatAreNoNames) {
  for (std::string name : {"", ".", "..", "a/b", "/etc/passwd"})
    EXPECT_FALSE(Filter::make({}, {name})) << name;
  EXPECT_TRUE(Filter::make({}, {".gitignore", ".nighignore"}));
}

Filter ignoring(std::string text) {
  auto filter = unwrap(Filter::make({}, {".gitignore"}));
  filter.enter("", {std::move(text)});
  return filter;
}

TEST(FilterIgnoreFile, TakesTheLastLineThatMatches) {
  auto filter = ignoring("*.log\n!keep.log\nkeep.log.old\n");
  EXPECT_TRUE(filter.excludes("a.log", false));
  EXPECT_FALSE(filter.excludes("keep.log", false));
  EXPECT_FALSE(filter.excludes("x/keep.log", false));
  EXPECT_TRUE(ignoring("!a\na").excludes("a", false));
}

TEST(FilterIgnoreFile, ReadsLinesAsGitDoes) {
  auto filter = ignoring(
      "\xEF\xBB\xBF"
      "first\n# comment\n\n   \n\\#hash\n\\!bang\ntrailing   \nkept\\ \nwindows\r\n[broken\n"
      "!\n/\ntab\t\nlast");
  for (auto path : {"first", "#hash", "!bang", "trailing", "kept ", "windows", "tab\t", "last"})
    EXPECT_TRUE(filter.excludes(path, false)) << path;
  for (auto path : {"# comment", "comment", "trailing   ", "kept", "[broken", "tab", " "})
    EXPECT_FALSE(filter.excludes(path, false)) << path;
}

TEST(FilterIgnoreFile, LetsDeeperFilesDecideFirst) {
  auto filter = ignoring("*.o\n/sub/only-here\n");
  filter.enter("sub", {"!a.o\n/anchored\n"});
  EXPECT_FALSE(filter.excludes("sub/a.o", false));
  EXPECT_TRUE(filter.excludes("sub/b.o", false));
  EXPECT_TRUE(filter.excludes("sub/only-here", false));
  EXPECT_TRUE(filter.excludes("sub/anchored", false));
  EXPECT_FALSE(filter.excludes("sub/deeper/anchored", false));
  filter.leave();
  EXPECT_TRUE(filter.excludes("sub/a.o", false));
  EXPECT_FALSE(filter.excludes("subway/anchored", false));
}

TEST(FilterIgnoreFile, ReadsSeveralFilesOfAFolderAsOne) {
  auto filter = unwrap(Filter::make({}, {".gitignore", ".nighignore"}));
  filter.enter("", {"*.o\n", "!a.o\n"});
  EXPECT_FALSE(filter.excludes("a.o", false));
  EXPECT_TRUE(filter.excludes("b.o", false));
}

TEST(FilterIgnoreFile, ComesAfterTheRules) {
  auto filter = unwrap(Filter::make({{true, "a.o"}, {false, "*.tmp"}}, {".gitignore"}));
  filter.enter("", {"*.o\n!b.tmp\n"});
  EXPECT_FALSE(filter.excludes("a.o", false));
  EXPECT_TRUE(filter.excludes("c.o", false));
  EXPECT_TRUE(filter.excludes("b.tmp", false));
}

}  // namespace
}  // namespace nigh::files
