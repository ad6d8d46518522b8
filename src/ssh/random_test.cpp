// SPDX-License-Identifier: Apache-2.0
#include "ssh/random.hpp"

#include <gtest/gtest.h>

#include "wire/base64.hpp"

namespace nigh::ssh {
namespace {

// FIPS 180-2, appendices B.1 and C.1.
TEST(Random, HashesTheStandardsExamples) {
  EXPECT_EQ(wire::hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(wire::hex(sha512("abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Random, GivesAsManyBytesAsAskedAndNeverTheSame) {
  EXPECT_EQ(random_bytes(0), "");
  EXPECT_EQ(random_bytes(33).size(), 33u);
  EXPECT_NE(random_bytes(32), random_bytes(32));
}

TEST(Random, ComparesAllBytesAndTheLength) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("token", "token"));
  EXPECT_FALSE(equal_constant_time("token", "tokem"));
  EXPECT_FALSE(equal_constant_time("token", "Token"));
  EXPECT_FALSE(equal_constant_time("token", "tokens"));
}

}  // namespace
}  // namespace nigh::ssh
