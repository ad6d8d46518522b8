// SPDX-License-Identifier: Apache-2.0
#include "service/resource/http_date.hpp"

#include <gtest/gtest.h>

namespace nigh::resource {
namespace {

TEST(HttpDateTest, AllThreeFormsMeanTheSame) {
  constexpr std::int64_t kExample = 784111777;  // of RFC 9110
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kExample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), kExample + 10 * 86400);
  EXPECT_EQ(http_date(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDateTest, WhatIsWrittenCanBeReadAgain) {
  for (std::int64_t seconds : {0L, 1L, -1L, 951782400L, 1709164800L, 253402300799L, -62167219200L})
    EXPECT_EQ(parse_http_date(http_date(seconds)), seconds) << http_date(seconds);
  EXPECT_EQ(http_date(253402300800), "") << "the year 10000 has five digits";
  EXPECT_EQ(http_date(INT64_MAX), "");
  EXPECT_EQ(http_date(INT64_MIN), "");
}

TEST(HttpDateTest, TwoDigitsOfAYearAreOneOfTheYearsFrom1970) {
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT"), 0);
  EXPECT_EQ(parse_http_date("Tuesday, 01-Jan-69 00:00:00 GMT"), 3124224000);
}

TEST(HttpDateTest, AnythingElseIsNoDate) {
  for (const char* text : {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:49 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
                           "So, 06 Nov 1994 08:49:37 GMT", "Sun, 06 November 1994 08:49:37 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
                           "1994-11-06T08:49:37Z", "Sun Nov 06 08:49:37"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace nigh::resource
