// SPDX-License-Identifier: Apache-2.0
#include "delta/simulator_for_test.hpp"

namespace nigh::delta {

namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr Costs kFree{.round_trip_bytes = 0};

class Delta : public testing::Test {
 protected:
  Random random{1};
  std::string basis = random_bytes(kMiB + 17, random);
};

TEST_F(Delta, AnUnchangedFileIsOneCopy) {
  const auto outcome = simulate({.basis = basis, .file = basis});
  EXPECT_EQ(outcome.pieces, (std::vector<Piece>{{0, basis.size(), 0}}));
  EXPECT_EQ(outcome.rounds, 1U);
}

TEST_F(Delta, NothingIsAskedOfAnEmptyBasis) {
  const auto outcome = simulate({.basis = "", .file = basis, .costs = kFree});
  EXPECT_EQ(outcome.pieces, (std::vector<Piece>{{0, basis.size(), std::nullopt}}));
  EXPECT_EQ(outcome.rounds, 0U);
}

TEST_F(Delta, AnEmptyFileHasNoPieces) {
  const auto outcome = simulate({.basis = basis, .file = "", .costs = kFree});
  EXPECT_TRUE(outcome.pieces.empty());
  EXPECT_EQ(outcome.rounds, 0U);
}

TEST_F(Delta, AFileThatIsSoonerSentThanAskedAboutIsNotAskedAbout) {
  const auto file = basis.substr(0, 60'000);
  EXPECT_EQ(simulate({.basis = file, .file = file}).rounds, 0U);
  EXPECT_EQ(simulate({.basis = file, .file = file, .costs = kFree}).literal, 0U);
}

TEST_F(Delta, ATruncatedFileIsOneCopy) {
  const auto file = basis.substr(0, 512 * 1024);
  const auto outcome = simulate({.basis = basis, .file = file});
  EXPECT_EQ(outcome.pieces, (std::vector<Piece>{{0, file.size(), 0}}));
}

TEST_F(Delta, HalvesThatChangedPlacesAreTwoCopies) {
  const auto half = 512 * 1024;
  const auto file = basis.substr(half, half) + basis.substr(0, half);
  const auto outcome = simulate({.basis = basis, .file = file});
  EXPECT_EQ(outcome.pieces, (std::vector<Piece>{{0, half, half}, {half, half, 0}}));
}

TEST_F(Delta, ZerosAreFoundWhereverTheBasisHasSome) {
  basis.replace(300'000, 200'000, std::string(200'000, '\0'));
  const std::string file(kMiB, '\0');
  const auto outcome = simulate({.basis = basis, .file = file});
  EXPECT_EQ(outcome.made, file);
  EXPECT_LT(outcome.literal, 10'000U);
}

TEST_F(Delta, ZerosThatBecameMoreAreStillCopies) {
  const std::string old(kMiB, '\0');
  const std::string file(3 * kMiB, '\0');
  const auto outcome = simulate({.basis = old, .file = file});
  EXPECT_EQ(outcome.literal, 0U);
  EXPECT_EQ(outcome.made, file);
}

TEST_F(Delta, TheFixedPartMatchesOnlyWhereItStands) {
  const auto file = random_bytes(5000, random) + basis;
  const auto outcome =
      simulate({.basis = basis, .file = file, .fixed = basis.size(), .costs = kFree});
  EXPECT_EQ(outcome.literal, file.size());
  const auto loose = simulate({.basis = basis, .file = file, .fixed = 500'000, .costs = kFree});
  EXPECT_EQ(loose.made, file);
  EXPECT_LT(loose.literal, 520'000U);
  for (const auto& piece : loose.pieces) EXPECT_GE(piece.from.value_or(500'000), 500'000U);
}

TEST_F(Delta, AnEditInTheFixedPartIsStillFoundInPlace) {
  auto file = basis;
  file.replace(400'000, 100, random_bytes(100, random));
  const auto outcome = simulate(
      {.basis = basis, .file = file, .fixed = basis.size(), .costs = {.round_trip_bytes = 200}});
  EXPECT_EQ(outcome.made, file);
  EXPECT_LT(outcome.literal, 600U);
}

TEST_F(Delta, AMostlyEmptyFileAsksOnlyWhereItHasData) {
  const auto size = std::uint64_t{1} << 40;
  const Matcher matcher(size, {{kMiB, kMiB}, {size - kMiB, kMiB}}, {size, 0}, 1);
  const auto request = matcher.next_request();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->spans, (std::vector<Span>{{kMiB, kMiB}, {size - kMiB, kMiB}}));
}

TEST_F(Delta, ASignatureIsBoundedHoweverLargeTheFile) {
  for (int shift = 20; shift < 50; ++shift) {
    const auto size = std::uint64_t{1} << shift;
    const Matcher matcher(size, {{0, size}}, {size, 0}, 1);
    const auto request = matcher.next_request();
    ASSERT_TRUE(request.has_value());
    EXPECT_LE(block_count(*request) * kBytesPerBlock, 8 * kMiB) << size;
    EXPECT_LE(request->block, kMaxBlock);
  }
}

TEST_F(Delta, WhatIsTooLargeForOneSignatureIsAskedInParts) {
  const auto size = (kMaxBlocks + 5) * kMaxBlock;
  Matcher matcher(size, {{0, kMiB}, {size - kMiB, kMiB}, {kMiB, size / 2}}, {size, 0}, 1);
  const auto first = matcher.next_request();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(block_count(*first), kMaxBlocks);
  // A file that cannot be read: the question stands.
  const ReadAt broken = [](std::uint64_t, std::span<char>) -> Result<std::size_t> {
    return fail(Errc::system, "broken");
  };
  const auto answered = matcher.answer(Signature(kMaxBlocks * kBytesPerBlock, '\0'), broken);
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().message, "broken");
  EXPECT_EQ(matcher.next_request()->spans, first->spans);
}

TEST_F(Delta, AnAnswerOfAnotherSizeIsMalformed) {
  Matcher matcher(basis.size(), {{0, basis.size()}}, {basis.size(), 0}, 1);
  const auto request = matcher.next_request();
  ASSERT_TRUE(request.has_value());
  const auto size = block_count(*request) * kBytesPerBlock;
  for (auto wrong : {std::size_t{0}, size - 1, size + 1, size + kBytesPerBlock}) {
    const auto answered = matcher.answer(std::string(wrong, 'x'), reader(basis));
    ASSERT_FALSE(answered.has_value());
    EXPECT_EQ(answered.error().code, Errc::malformed);
  }
  EXPECT_TRUE(matcher.answer(std::string(size, 'x'), reader(basis)).has_value());
  EXPECT_EQ(matcher.literal_bytes(), basis.size());
}

TEST_F(Delta, AFileThatBecameShorterIsSaid) {
  Matcher matcher(basis.size(), {{0, basis.size()}}, {basis.size(), 0}, 1);
  const auto request = matcher.next_request();
  ASSERT_TRUE(request.has_value());
  const auto signature = sign(*request, basis.size(), 1, reader(basis));
  ASSERT_TRUE(signature.has_value());
  const auto shorter = basis.substr(0, 1000);
  EXPECT_EQ(matcher.answer(*signature, reader(shorter)).error().code, Errc::unavailable);
  EXPECT_EQ(sign(*request, basis.size(), 1, reader(shorter)).error().code, Errc::unavailable);
}

// Every window of zeros meets the weak hash, none the strong one.
TEST_F(Delta, ASignatureThatDeceivesAtEveryOffsetCostsBoundedTime) {
  const std::string file(64 * kMiB, '\0');
  Matcher matcher(file.size(), {{0, file.size()}}, {file.size(), 0}, 1);
  const auto request = matcher.next_request();
  ASSERT_TRUE(request.has_value());
  Signature signature;
  for (auto i = block_count(*request); i > 0; --i) signature += std::string("\0\0\0\0wrong", 9);
  EXPECT_TRUE(matcher.answer(signature, reader(file)).has_value());
  EXPECT_EQ(matcher.literal_bytes(), file.size());
}

}  // namespace

}  // namespace nigh::delta
