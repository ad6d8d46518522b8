// SPDX-License-Identifier: Apache-2.0
#include "delta/simulator_for_test.hpp"

namespace nigh::delta {

namespace {

const ReadAt kUnread = [](std::uint64_t, std::span<char>) -> Result<std::size_t> {
  ADD_FAILURE() << "the file was read";
  return std::size_t{0};
};

void expect_malformed(const SignatureRequest& request, std::uint64_t size = 10'000) {
  const auto signature = sign(request, size, 1, kUnread);
  ASSERT_FALSE(signature.has_value());
  EXPECT_EQ(signature.error().code, Errc::malformed);
}

TEST(Sign, BlockSizesOutOfRangeAreMalformed) {
  for (auto block : {0U, kMinBlock - 1, kMaxBlock + 1, UINT32_MAX})
    expect_malformed({block, {{0, 1000}}});
}

TEST(Sign, SpansBeyondTheFileAreMalformed) {
  expect_malformed({512, {{0, 10'001}}});
  expect_malformed({512, {{10'000, 1}}});
  expect_malformed({512, {{UINT64_MAX, 1}}});
  expect_malformed({512, {{1, UINT64_MAX}}});
  expect_malformed({512, {{5000, UINT64_MAX - 4999}}});
}

TEST(Sign, SpansOutOfOrderOrEmptyAreMalformed) {
  expect_malformed({512, {{1000, 10}, {0, 10}}});
  expect_malformed({512, {{0, 10}, {9, 10}}});
  expect_malformed({512, {{0, 10}, {10, 0}}});
}

TEST(Sign, TooManyBlocksAreMalformed) {
  const auto size = (kMaxBlocks + 1) * kMinBlock;
  expect_malformed({kMinBlock, {{0, size}}}, size);
}

TEST(Sign, EachSpanIsCutFromItsStartAndTheLastBlockMayBeShort) {
  Random random(3);
  const auto file = random_bytes(10'000, random);
  const SignatureRequest request{512, {{100, 1025}, {5000, 512}, {9999, 1}}};
  EXPECT_EQ(block_count(request), 5U);
  const auto signature = sign(request, file.size(), 9, reader(file));
  ASSERT_TRUE(signature.has_value());
  ASSERT_EQ(signature->size(), 5 * kBytesPerBlock);
  const auto one = [&](std::uint64_t offset, std::uint64_t length) {
    return sign({512, {{offset, length}}}, file.size(), 9, reader(file)).value();
  };
  EXPECT_EQ(*signature,
            one(100, 512) + one(612, 512) + one(1124, 1) + one(5000, 512) + one(9999, 1));
}

TEST(Sign, AnotherSeedIsAnotherSignature) {
  const std::string file(1000, 'a');
  const SignatureRequest request{1024, {{0, 1000}}};
  const auto one = sign(request, file.size(), 1, reader(file)).value();
  const auto two = sign(request, file.size(), 2, reader(file)).value();
  EXPECT_NE(one.substr(0, 4), two.substr(0, 4));
  EXPECT_NE(one.substr(4), two.substr(4));
}

TEST(Sign, AnErrorOfTheFileIsPassedOn) {
  const auto signature =
      sign({512, {{0, 512}}}, 1000, 1, [](std::uint64_t, std::span<char>) -> Result<std::size_t> {
        return fail(Errc::system, "bad disk");
      });
  ASSERT_FALSE(signature.has_value());
  EXPECT_EQ(signature.error().message, "bad disk");
}

}  // namespace

}  // namespace nigh::delta
