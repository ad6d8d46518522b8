// SPDX-License-Identifier: Apache-2.0
#include "ssh/expiry_time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace nigh::ssh {
namespace {

TEST(ExpiryTimeTest, UtcDatesAndTimes) {
  EXPECT_EQ(parse_expiry_time("19700101Z").value(), 0u);
  EXPECT_EQ(parse_expiry_time("20240229Z").value(), 1709164800u);
  EXPECT_EQ(parse_expiry_time("202402291234Z").value(), 1709210040u);
  EXPECT_EQ(parse_expiry_time("20240229123456Z").value(), 1709210096u);
  EXPECT_EQ(parse_expiry_time("20240229123456utc").value(), 1709210096u);
}

TEST(ExpiryTimeTest, WhatDoesNotExistIsAnError) {
  for (std::string_view text :
       {"", "Z", "2024", "2024022", "20230229Z", "20241301Z", "20240001Z", "20240132Z",
        "202401012460Z", "202401012360Z", "20240101236060Z", "2024010112Z", "20240101ZZ",
        "20240101 Z", "-0240101Z", "19691231Z", "20240101123456789Z", "2024-01-01"})
    EXPECT_FALSE(parse_expiry_time(text)) << text;
}

class TimeZone {  // for the length of a test
 public:
  explicit TimeZone(const char* name) {
    if (auto* old = getenv("TZ")) old_ = old;
    setenv("TZ", name, 1);
    tzset();
  }
  ~TimeZone() {
    old_ ? setenv("TZ", old_->c_str(), 1) : unsetenv("TZ");
    tzset();
  }

 private:
  std::optional<std::string> old_;
};

TEST(ExpiryTimeTest, WithoutZTheSystemsTimeZoneCounts) {
  TimeZone zone("XST-2");  // two hours ahead of UTC
  EXPECT_EQ(parse_expiry_time("20240229").value(), 1709164800u - 7200);
  EXPECT_EQ(parse_expiry_time("20240229Z").value(), 1709164800u);
}

}  // namespace
}  // namespace nigh::ssh
