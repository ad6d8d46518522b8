// SPDX-License-Identifier: Apache-2.0
#include "ssh/match_list.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nigh::ssh {
namespace {

struct PatternCase {
  std::string_view text, pattern;
  bool matches;
};

TEST(MatchPatternTest, StarsAndQuestionMarks) {
  for (const auto& c : {PatternCase{"", "", true},
                        {"", "*", true},
                        {"", "?", false},
                        {"web1", "web1", true},
                        {"web1", "WEB1", false},
                        {"web1", "web?", true},
                        {"web", "web?", false},
                        {"web12", "web?", false},
                        {"web12", "web*", true},
                        {"a.b.c", "*.c", true},
                        {"a.b.c", "*.b", false},
                        {"a.b.c", "*b*", true},
                        {"abab", "*ab", true},
                        {"aab", "*ab*", true},
                        {"[h]:7722", "[*]:7722", true},
                        {"x", "**x**", true},
                        {"x", "x?*", false}})
    EXPECT_EQ(match_pattern(c.text, c.pattern), c.matches) << c.text << " ~ " << c.pattern;
}

TEST(MatchPatternTest, ManyStarsTakeNoExponentialTime) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(match_pattern(std::string(2000, 'a'), pattern + "b"));
}

TEST(MatchPatternListTest, ANegatedMatchDecidesWhereverItStands) {
  EXPECT_EQ(match_pattern_list("a.x", "*.x,!a.x"), ListMatch::negated);
  EXPECT_EQ(match_pattern_list("a.x", "!a.x,*.x"), ListMatch::negated);
  EXPECT_EQ(match_pattern_list("b.x", "!a.x,*.x"), ListMatch::match);
  EXPECT_EQ(match_pattern_list("b.y", "!a.x,*.x"), ListMatch::none);
  EXPECT_EQ(match_pattern_list("b.y", "!a.x"), ListMatch::none);
}

struct AddressCase {
  std::string_view address, list;
  ListMatch expected;
};

TEST(MatchAddressListTest, AddressesPrefixesPatternsAndNegation) {
  for (const auto& c : {AddressCase{"10.1.2.3", "10.0.0.0/8", ListMatch::match},
                        {"11.1.2.3", "10.0.0.0/8", ListMatch::none},
                        {"10.1.2.3", "10.1.2.3", ListMatch::match},
                        {"10.1.2.3", "10.1.2.2/31", ListMatch::match},
                        {"10.1.2.4", "10.1.2.2/31", ListMatch::none},
                        {"10.1.2.3", "0.0.0.0/0", ListMatch::match},
                        {"::1", "0.0.0.0/0", ListMatch::none},
                        {"::1", "::/0", ListMatch::match},
                        {"2001:db8::1", "2001:DB8::/32", ListMatch::match},
                        {"2001:db8::1", "2001:db8:0:0:0:0:0:1", ListMatch::match},
                        {"2001:db8:8000::1", "2001:db8::/33", ListMatch::none},
                        {"::ffff:10.1.2.3", "10.0.0.0/8", ListMatch::match},
                        {"::ffff:10.1.2.3", "10.1.*", ListMatch::match},
                        {"fe80::1%eth0", "fe80::/10", ListMatch::match},
                        {"10.1.2.3", "10.1.*", ListMatch::match},
                        {"10.1.2.3", "host.example", ListMatch::none},
                        {"10.1.2.3", "!10.1.2.3,10.0.0.0/8", ListMatch::negated},
                        {"10.1.2.3", "10.0.0.0/8,!10.1.2.0/24", ListMatch::negated},
                        {"10.1.3.3", "10.0.0.0/8,!10.1.2.0/24", ListMatch::match}}) {
    auto result = match_address_list(c.address, c.list);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(*result, c.expected) << c.address << " ~ " << c.list;
  }
}

TEST(MatchAddressListTest, ADamagedListIsAnErrorEvenAfterAMatch) {
  for (std::string_view list : {"", "10.1.2.3,", "10.1.2.3,,::1", "10.1.2.3,10.0.0.0/33", "!",
                                "10.1.2.3/8", "10.1.2.3,10.0.0.0/", "10.0.0.0/8x", "::/129",
                                "10.1.2.3,2001:db8::1/32", "10.0.0.0/-1", "10.0.0.0/4294967304"})
    EXPECT_FALSE(match_address_list("10.1.2.3", list)) << list;
}

TEST(MatchAddressListTest, ASourceThatIsNoAddressIsAnError) {
  for (std::string_view source : {"", "host", "10.1.2", "10.1.2.3.4", "1::2::3"})
    EXPECT_FALSE(match_address_list(source, "*")) << source;
  EXPECT_FALSE(match_address_list(std::string_view("10.1.2.3\0x", 10), "*"));
}

TEST(MatchCidrListTest, TakesNeitherPatternsNorNegation) {
  EXPECT_EQ(match_cidr_list("10.1.2.3", "192.168.0.0/16,10.0.0.0/8").value(), true);
  EXPECT_EQ(match_cidr_list("11.1.2.3", "192.168.0.0/16,10.0.0.0/8").value(), false);
  EXPECT_FALSE(match_cidr_list("10.1.2.3", "10.0.0.0/8,10.*"));
  EXPECT_FALSE(match_cidr_list("10.1.2.3", "10.0.0.0/8,!10.1.2.3"));
  EXPECT_FALSE(match_cidr_list("10.1.2.3", ""));
}

}  // namespace
}  // namespace nigh::ssh
