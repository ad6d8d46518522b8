// SPDX-License-Identifier: Apache-2.0
#include "wire/varint.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace nigh::wire {
namespace {

TEST(Varint, WhatIsWrittenIsReadAgainAtEveryLength) {
  std::string out;
  std::vector<std::uint64_t> values{0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
  for (unsigned bit = 0; bit < 64; ++bit) values.push_back(std::uint64_t{1} << bit);
  for (auto value : values) put_varint(out, value);
  VarintReader in(out);
  for (auto value : values) EXPECT_EQ(in.varint(), value);
  EXPECT_TRUE(in.finish("numbers"));
}

TEST(Varint, SmallNegativeNumbersStayShort) {
  for (std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{-64},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    std::string out;
    put_signed(out, value);
    EXPECT_EQ(VarintReader(out).signed_varint(), value);
    if (value >= -64 && value < 64) EXPECT_EQ(out.size(), 1u);
  }
}

TEST(Varint, EncodingsThatAreTooLongAreRefused) {
  for (std::string bytes : {std::string("\x80\x00", 2), std::string(10, '\xff'),
                            std::string("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"),
                            std::string("\x80"), std::string()}) {
    VarintReader in(bytes);
    EXPECT_EQ(in.varint(), 0u);
    EXPECT_FALSE(in.ok());
  }
}

TEST(Varint, ALengthBeyondTheEndAllocatesNothingAndFails) {
  std::string out;
  put_varint(out, UINT64_MAX);
  VarintReader in(out);
  EXPECT_TRUE(in.bytes().empty());
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.finish("x").error().code, Errc::malformed);
}

}  // namespace
}  // namespace nigh::wire
