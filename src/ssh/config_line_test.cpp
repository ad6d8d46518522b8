// SPDX-License-Identifier: Apache-2.0
#include "ssh/config_line.hpp"

#include <gtest/gtest.h>

namespace nigh::ssh {
namespace {

TEST(ConfigLineTest, KeywordAndRest) {
  struct Case {
    std::string_view line, keyword, rest;
  };
  for (const auto& c : {Case{"User bob", "user", "bob"},
                        {"  USER\tbob \r", "user", "bob"},
                        {"User=bob", "user", "bob"},
                        {"User = bob", "user", "bob"},
                        {"User = =bob", "user", "=bob"},
                        {"User\"bob\"", "user", "\"bob\""},
                        {"\"User\" bob", "user", "bob"},
                        {"User", "user", ""},
                        {"Host a b # c", "host", "a b # c"},
                        {"# User bob", "", ""},
                        {"", "", ""},
                        {" \t ", "", ""}}) {
    auto line = split_config_line(c.line);
    EXPECT_EQ(line.keyword, c.keyword) << c.line;
    EXPECT_EQ(line.rest, c.rest) << c.line;
  }
}

TEST(ConfigLineTest, ArgumentsAreUnquoted) {
  struct Case {
    std::string_view text;
    std::vector<std::string> words;
  };
  for (const auto& c : {Case{"", {}},
                        {" a  b\tc ", {"a", "b", "c"}},
                        {R"("a b" 'c d')", {"a b", "c d"}},
                        {R"(a"b c"d)", {"ab cd"}},
                        {R"("it's" 'say "x"')", {"it's", "say \"x\""}},
                        {R"(a\ b \"c\\)", {"a b", "\"c\\"}},
                        {R"("a\ b" c\d)", {"a\\ b", "c\\d"}},
                        {"a # b", {"a"}},
                        {"a#b", {"a#b"}},
                        {"#a", {}},
                        {R"("")", {""}}}) {
    auto words = split_config_arguments(c.text);
    ASSERT_TRUE(words) << c.text;
    EXPECT_EQ(*words, c.words) << c.text;
  }
}

TEST(ConfigLineTest, AnOpenQuoteIsAnError) {
  for (std::string_view text : {"\"", "'", "a \"b", "\"a'", "\"a\\\""})
    EXPECT_FALSE(split_config_arguments(text)) << text;
}

}  // namespace
}  // namespace nigh::ssh
