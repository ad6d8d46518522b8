// SPDX-License-Identifier: Apache-2.0
// Durations, suggestions, wrapping, UTF-8, base64.
#include <gtest/gtest.h>

#include "cli/base64.hpp"
#include "cli/duration.hpp"
#include "cli/suggest.hpp"
#include "cli/utf8.hpp"
#include "cli/wrap.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

TEST(DurationTest, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_duration("90").value(), 90s);
  EXPECT_EQ(parse_duration("500ms").value(), 500ms);
  EXPECT_EQ(parse_duration("10s").value(), 10s);
  EXPECT_EQ(parse_duration("5m").value(), 5min);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("2d").value(), 48h);
  EXPECT_EQ(parse_duration("1m500ms").value(), 60'500ms);
}

TEST(DurationTest, RefusesWhatIsNoDuration) {
  for (auto text : {"", "s", "-1", "+1", "1x", "1h30", "1.5h", " 1", "1 s", "0", "0s", "367d",
                    "99999999999999999999", "9999999999999999d", "366d1s"}) {
    auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code, Errc::usage);
  }
}

TEST(DurationTest, IsDescribedByItsTwoLargestUnits) {
  EXPECT_EQ(describe(250ms), "250 ms");
  EXPECT_EQ(describe(90s), "1 min 30 s");
  EXPECT_EQ(describe(15min), "15 min");
  EXPECT_EQ(describe(24h + 1h + 1s), "1 d 1 h");
  EXPECT_EQ(describe(1h + 1s), "1 h");
  EXPECT_EQ(describe(0ms), "0 s");
}

TEST(SuggestTest, DistanceCountsLettersAndSwaps) {
  EXPECT_EQ(edit_distance("run", "run"), 0u);
  EXPECT_EQ(edit_distance("", "run"), 3u);
  EXPECT_EQ(edit_distance("rnu", "run"), 1u);
  EXPECT_EQ(edit_distance("serv", "serve"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(SuggestTest, OnlyNearWordsAreSuggested) {
  Lines commands{"run", "serve", "token", "doctor", "version", "help"};
  EXPECT_EQ(suggest("rum", commands), "run");
  EXPECT_EQ(suggest("server", commands), "serve");
  EXPECT_EQ(suggest("docter", commands), "doctor");
  EXPECT_EQ(suggest("doc", commands), "doctor");
  EXPECT_EQ(suggest("copy", commands), std::nullopt);
  EXPECT_EQ(suggest("", commands), std::nullopt);
  EXPECT_EQ(suggest(std::string(1000, 'r'), commands), std::nullopt);
}

TEST(Utf8Test, TellsTextFromBytes) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("grüße € 🦉"));
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
  for (auto bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xe0\x80\x80", "\xf4\x90\x80\x80",
                     "\xf0\x80\x80\x80", "a\x80", "\xc3(", "\xf5\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(bytes)) << bytes;
}

TEST(Utf8Test, CountsCharactersNotBytes) { EXPECT_EQ(columns_of("grüße"), 5u); }

TEST(Base64Test, AgreesWithTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xff\xfe", "//4="}};
  for (auto [bytes, text] : vectors) EXPECT_EQ(base64(bytes), text);
}

TEST(WrapTest, BreaksBetweenWords) {
  EXPECT_EQ(wrap("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrap("one\ntwo", 20), (Lines{"one", "two"}));
  EXPECT_EQ(wrap("", 20), (Lines{""}));
  EXPECT_EQ(wrap("grüße grüße", 5), (Lines{"grüße", "grüße"}));
}

TEST(WrapTest, CutsAWordThatIsLongerThanALine) {
  EXPECT_EQ(wrap("a abcdefgh b", 4), (Lines{"a", "abcd", "efgh", "b"}));
  EXPECT_EQ(wrap("abc", 0), (Lines{"a", "b", "c"}));
}

TEST(WrapTest, IndentsTheFirstLineAndTheRest) {
  EXPECT_EQ(indented("one two", 6, 1, 2), " one\n  two\n");
}

}  // namespace
}  // namespace nigh::cli
