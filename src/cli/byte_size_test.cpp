// SPDX-License-Identifier: Apache-2.0
#include "cli/byte_size.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace nigh::cli {
namespace {

TEST(ByteSize, ReadsPowersOf1024AndWithABOf1000) {
  const std::vector<std::pair<std::string, std::uint64_t>> cases{
      {"0", 0},          {"500", 500},         {"500B", 500},        {"512K", 512 * 1024},
      {"10M", 10 << 20}, {"10m", 10 << 20},    {"1.5G", 3ULL << 29}, {"2GiB", 2ULL << 30},
      {"2kb", 2000},     {"10MB", 10'000'000}, {"1T", 1ULL << 40},   {"0.5K", 512},
      {"7P", 7ULL << 50}};
  for (const auto& [text, bytes] : cases) EXPECT_EQ(unwrap(parse_byte_size(text)), bytes) << text;
}

TEST(ByteSize, RefusesWhatIsNone) {
  for (auto text : {"", "K", "10X", "-1", "-0", "+1", " 1", "1 K", "1KK", "1e3", "0x10", "nan",
                    "inf", "1KiBs", "9E", "99999999999999999999", "1iB", "1,5M"}) {
    auto parsed = parse_byte_size(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::usage);
  }
}

TEST(ByteSize, IsShownInPowersOf1000WithTwoOrThreeDigits) {
  const std::vector<std::pair<std::uint64_t, std::string>> cases{
      {0, "0 B"},
      {999, "999 B"},
      {1000, "1.0 kB"},
      {9940, "9.9 kB"},
      {9960, "10 kB"},
      {110'000, "110 kB"},
      {999'499, "999 kB"},
      {999'500, "1.0 MB"},
      {1'234'567'890, "1.2 GB"},
      {4'000'000'000'000, "4.0 TB"},
      {18'446'744'073'709'551'615U, "18 EB"}};
  for (const auto& [bytes, text] : cases) EXPECT_EQ(describe_bytes(bytes), text);
}

TEST(ByteSize, ARateIsASizeASecond) {
  EXPECT_EQ(describe_rate(110e6), "110 MB/s");
  EXPECT_EQ(describe_rate(0.4), "0 B/s");
}

TEST(ByteSize, CountsHaveCommasAndTheRightNumber) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1204), "1,204");
  EXPECT_EQ(with_commas(12'345'678), "12,345,678");
  EXPECT_EQ(count_of(1, "file"), "1 file");
  EXPECT_EQ(count_of(0, "file"), "0 files");
  EXPECT_EQ(count_of(1204, "file"), "1,204 files");
}

}  // namespace
}  // namespace nigh::cli
