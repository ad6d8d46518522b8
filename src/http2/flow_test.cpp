// SPDX-License-Identifier: Apache-2.0
// Flow control, fairness, the output buffer: what keeps memory bounded and streams moving.
#include <gtest/gtest.h>

#include "http2/budget.hpp"
#include "http2/test_pair.hpp"

namespace nigh::http2 {
namespace {

using namespace testing;

constexpr std::uint64_t kEndless = std::uint64_t{1} << 40;

TEST(Flow, AReaderThatStallsStopsTheSenderAtTheStreamWindow) {
  Limits limits;
  limits.stream_window = 300'000;
  Pair pair({}, limits);
  Zeros up(kEndless);
  // The server's window is known from its SETTINGS, so they come first.
  ASSERT_TRUE(pair.pump());
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  pair.at_server.reading = false;
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].body.size(), 300'000u);
  EXPECT_EQ(kEndless - up.left, 300'000u);
  EXPECT_FALSE(pair.client.wants_write());
  pair.at_server.catch_up();
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].body.size(), 600'000u);
}

TEST(Flow, StalledReadersTogetherGetNoMoreThanTheConnectionWindow) {
  Limits limits;
  limits.stream_window = 300'000;
  limits.connection_window = 1'000'000;
  Pair pair({}, limits);
  ASSERT_TRUE(pair.pump());
  pair.at_server.reading = false;
  std::deque<Zeros> sources;
  for (int i = 0; i < 20; ++i)
    unwrap(pair.client.submit_request(post("/"), &sources.emplace_back(kEndless)));
  ASSERT_TRUE(pair.pump());
  std::size_t total = 0;
  for (auto& [id, seen] : pair.at_server.streams) total += seen.body.size();
  EXPECT_EQ(total, 1'000'000u);
}

TEST(Flow, AStreamThatIsPausedDoesNotHoldUpOthers) {
  Limits limits;
  limits.stream_window = 300'000;
  limits.connection_window = 300'000;
  Pair pair({}, limits);
  ASSERT_TRUE(pair.pump());
  Zeros stalled(kEndless);
  auto paused = unwrap(pair.client.submit_request(post("/"), &stalled));
  pair.at_server.reading = false;
  ASSERT_TRUE(pair.pump());
  pair.server.consume_connection(pair.at_server.streams[paused].body.size());
  pair.at_server.reading = true;
  Zeros free(2'000'000);
  auto other = unwrap(pair.client.submit_request(post("/"), &free));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[other].body.size(), 2'000'000u);
  EXPECT_EQ(pair.at_server.streams[paused].body.size(), 300'000u);
}

TEST(Flow, DataOfAStreamThatIsGoneDoesNotEatTheConnectionWindow) {
  Limits limits;
  limits.stream_window = 300'000;
  limits.connection_window = 300'000;
  Pair pair({}, limits);
  ASSERT_TRUE(pair.pump());
  for (int round = 0; round < 10; ++round) {
    Zeros up(kEndless);
    auto id = unwrap(pair.client.submit_request(post("/"), &up));
    pair.at_server.when_data = [&](StreamId stream) { pair.server.reset(stream, kCancel); };
    ASSERT_TRUE(pair.pump());
    EXPECT_EQ(pair.at_server.streams[id].closed, kCancel);
  }
  pair.at_server.when_data = nullptr;
  Zeros up(1'000'000);
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].body.size(), 1'000'000u);
}

TEST(Flow, ADiscardedUploadKeepsFlowing) {
  Limits limits;
  limits.stream_window = limits.connection_window = 100'000;
  Pair pair({}, limits);
  pair.at_server.when_headers = [&](StreamId id) { pair.server.stop_reading(id); };
  Zeros up(5'000'000);
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(up.left, 0u);
  EXPECT_EQ(pair.at_server.streams[id].body, "");
  EXPECT_FALSE(pair.at_server.streams[id].ended);
}

TEST(Flow, StreamsShareTheConnectionFairly) {
  Limits limits;
  limits.connection_window = 4'000'000;
  Pair pair({}, limits);
  ASSERT_TRUE(pair.pump());
  pair.at_server.reading = false;
  std::deque<Zeros> sources;
  std::vector<StreamId> ids;
  for (int i = 0; i < 8; ++i)
    ids.push_back(unwrap(pair.client.submit_request(post("/"), &sources.emplace_back(kEndless))));
  ASSERT_TRUE(pair.pump());
  for (auto id : ids) {
    EXPECT_GE(pair.at_server.streams[id].body.size(), 250'000u) << id;
    EXPECT_LE(pair.at_server.streams[id].body.size(), 800'000u) << id;
  }
}

TEST(Flow, FramesAreAsLargeAsThePeerAllows) {
  Pair pair;
  ASSERT_TRUE(pair.pump());
  Zeros up(16 << 20);
  unwrap(pair.client.submit_request(post("/"), &up));
  auto before = pair.to_server;
  ASSERT_TRUE(pair.pump());
  // 9 bytes for each 256 KiB or so, a few small frames beside them.
  EXPECT_LT(pair.to_server - before, (16u << 20) + 3000u);
}

TEST(Flow, MoreRequestsThanThePeerAllowsWaitTheirTurn) {
  Limits limits;
  limits.concurrent_streams = 3;
  Pair pair({}, limits);
  ASSERT_TRUE(pair.pump());
  std::size_t most = 0;
  std::vector<StreamId> open;
  pair.at_server.when_headers = [&](StreamId id) {
    open.push_back(id);
    most = std::max(most, pair.server.open_streams());
  };
  for (int i = 0; i < 10; ++i) unwrap(pair.client.submit_request(get("/"), nullptr));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pair.pump());
    ASSERT_FALSE(open.empty());
    unwrap(pair.server.submit_response(open.front(), ok(), nullptr));
    open.erase(open.begin());
  }
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(most, 3u);
  EXPECT_EQ(pair.client.open_streams(), 0u);
}

TEST(Flow, AHundredStreamsEachGetTheirOwnBytes) {
  Pair pair;
  std::deque<Text> answers;
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(
        id, ok(), &answers.emplace_back(std::string(1000 + 100 * id, char('a' + id % 26)))));
  };
  for (int i = 0; i < 100; ++i) unwrap(pair.client.submit_request(get("/"), nullptr));
  ASSERT_TRUE(pair.pump());
  ASSERT_EQ(pair.at_client.streams.size(), 100u);
  for (auto& [id, seen] : pair.at_client.streams) {
    EXPECT_EQ(seen.body, std::string(1000 + 100 * id, char('a' + id % 26)));
    EXPECT_EQ(seen.closed, kNoError);
  }
}

TEST(OutBuffer, AllocatesOnUseAndKeepsOrder) {
  OutBuffer out(8);
  EXPECT_TRUE(out.empty());
  out.append("abcd");
  std::ranges::copy(std::string_view("ef"), out.free_span().begin());
  out.commit(2);
  EXPECT_EQ(out.view(), "abcdef");
  EXPECT_EQ(out.room(), 2u);
  out.drop(4);
  EXPECT_EQ(out.view(), "ef");
  EXPECT_EQ(out.room(), 2u);
  out.drop(2);
  EXPECT_EQ(out.room(), 8u);
  out.append("12345678");
  out.release();
  EXPECT_TRUE(out.empty());
  out.append("x");
  EXPECT_EQ(out.view(), "x");
}

TEST(Budget, GrowsBackEvenlyOverItsPeriod) {
  Budget budget(10);
  Budget::Time now{std::chrono::hours(1)};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.spend(now)) << i;
  now += std::chrono::seconds(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.spend(now)) << i;
  EXPECT_FALSE(budget.spend(now));
  EXPECT_FALSE(Budget(0).spend(now));
}

}  // namespace
}  // namespace nigh::http2
