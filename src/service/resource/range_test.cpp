// SPDX-License-Identifier: Apache-2.0
#include "service/resource/range.hpp"

#include <gtest/gtest.h>

namespace nigh::resource {
namespace {

RangeAnswer part(std::uint64_t offset, std::uint64_t length) {
  return {RangeKind::part, {offset, length}};
}
const RangeAnswer kWhole{};
const RangeAnswer kNone{RangeKind::unsatisfiable, {}};

TEST(RangeTest, OfTenBytes) {
  const std::pair<const char*, RangeAnswer> table[] = {
      {"bytes=0-0", part(0, 1)},
      {"bytes=0-9", part(0, 10)},
      {"bytes=0-", part(0, 10)},
      {"bytes=3-5", part(3, 3)},
      {"bytes=9-", part(9, 1)},
      {"bytes=5-99", part(5, 5)},
      {"bytes=5-99999999999999999999999", part(5, 5)},
      {"bytes=-1", part(9, 1)},
      {"bytes=-10", part(0, 10)},
      {"bytes=-99", part(0, 10)},
      {"Bytes= 1-2 ", part(1, 2)},
      {"bytes=10-", kNone},
      {"bytes=10-20", kNone},
      {"bytes=99999999999999999999-", kNone},
      {"bytes=-0", kNone},
      // What is no single range is as if it were not there.
      {"bytes=0-1,3-4", kWhole},
      {"bytes=-1,-2", kWhole},
      {"bytes=5-4", kWhole},
      {"bytes=-", kWhole},
      {"bytes=", kWhole},
      {"bytes", kWhole},
      {"", kWhole},
      {"lines=1-2", kWhole},
      {"bytes=a-b", kWhole},
      {"bytes=1-2x", kWhole},
      {"bytes=+1-2", kWhole},
      {"bytes=0x1-2", kWhole},
      {"bytes 1-2", kWhole},
  };
  for (const auto& [field, answer] : table) EXPECT_EQ(parse_range(field, 10), answer) << field;
}

TEST(RangeTest, AnEmptyFileHasNoBytesToName) {
  EXPECT_EQ(parse_range("bytes=0-", 0), kNone);
  EXPECT_EQ(parse_range("bytes=0-0", 0), kNone);
  EXPECT_EQ(parse_range("bytes=-5", 0), kWhole);
}

TEST(RangeTest, TheLargestFileHasALastByte) {
  constexpr std::uint64_t kLargest = INT64_MAX;
  EXPECT_EQ(parse_range("bytes=0-", kLargest), part(0, kLargest));
  EXPECT_EQ(parse_range("bytes=-1", kLargest), part(kLargest - 1, 1));
  EXPECT_EQ(parse_range("bytes=9223372036854775807-", kLargest), kNone);
}

TEST(ContentRangeTest, NamesAPieceOfAWhole) {
  auto piece = parse_content_range("bytes 5-9/20").value();
  EXPECT_EQ(piece, (Piece{5, 9, 20}));
  EXPECT_EQ(piece.length(), 5u);
  EXPECT_FALSE(piece.is_last());
  EXPECT_TRUE(parse_content_range("Bytes 0-0/1")->is_last());
  EXPECT_TRUE(
      parse_content_range("bytes 9223372036854775806-9223372036854775806/9223372036854775807"));
}

TEST(ContentRangeTest, WhatIsNoPieceIsMalformed) {
  for (const char* field : {"", "bytes", "bytes ", "bytes=0-1/2", "bytes 0-1", "bytes 0-1/*",
                            "bytes */5", "bytes 1-0/5", "bytes 0-5/5", "bytes 0-1/1",
                            "bytes 0-1/9223372036854775808", "bytes 0-1/99999999999999999999999",
                            "bytes -1/5", "bytes 0-/5", "bytes 0/1-5", "lines 0-1/5"}) {
    auto piece = parse_content_range(field);
    ASSERT_FALSE(piece) << field;
    EXPECT_EQ(piece.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace nigh::resource
