// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "conditions.hpp"
#include "path.hpp"
#include "tun_device.hpp"

namespace nigh::emulator {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time(1h);

Conditions conditions(std::initializer_list<std::string_view> commands) {
  Conditions result;
  for (auto command : commands) EXPECT_TRUE(apply_command(command, result)) << command;
  return result;
}

int count_due(Path& path, Time now) {
  int n = 0;
  while (path.take(now)) ++n;
  return n;
}

TEST(Conditions, UnitsAreUnderstood) {
  auto c = conditions({"delay 1.5s", "rate 20mbit", "loss 2%", "queue 500000", "seed 7", "down"});
  EXPECT_EQ(c.delay, 1500ms);
  EXPECT_EQ(c.bits_per_second, 20'000'000u);
  EXPECT_DOUBLE_EQ(c.loss, 0.02);
  EXPECT_EQ(c.queue_bytes(), 500'000u);
  EXPECT_EQ(c.seed, 7u);
  EXPECT_FALSE(c.up);
}

TEST(Conditions, QueueHoldsARoundTripUnlessItIsSet) {
  EXPECT_EQ(conditions({"delay 50ms", "rate 1gbit"}).queue_bytes(), 12'500'000u);
}

TEST(Conditions, ABadCommandChangesNothingAndIsNamed) {
  for (std::string_view line : {"", "delay", "delay 5", "delay -5ms", "delay 5ms ", "delay 61s",
                                "delay nan", "rate 1", "rate 10bit", "rate 1kbit/s", "loss 101%",
                                "loss x", "queue 5kb", "seed", "down now", "stop"}) {
    Conditions c = conditions({"delay 7ms", "rate 9mbit", "loss 0.5"});
    auto result = apply_command(line, c);
    ASSERT_FALSE(result) << line;
    EXPECT_EQ(result.error().code, Errc::usage);
    EXPECT_EQ(c.delay, 7ms);
    EXPECT_EQ(c.bits_per_second, 9'000'000u);
    EXPECT_EQ(c.loss, 0.5);
    EXPECT_TRUE(c.up);
  }
}

TEST(Path, APacketComesOutAfterTheDelayAndNotBefore) {
  Path path(conditions({"delay 50ms"}));
  path.offer("x", 1, kStart);
  EXPECT_EQ(path.next_due(), kStart + 50ms);
  EXPECT_FALSE(path.take(kStart + 50ms - 1ns));
  EXPECT_EQ(path.take(kStart + 50ms), "x");
  EXPECT_FALSE(path.next_due());
}

TEST(Path, RateSpacesPacketsByTheirSizeOnTheWire) {
  Path path(conditions({"rate 8mbit", "delay 10ms"}));  // a byte a microsecond
  path.offer("a", 1000, kStart);
  path.offer("b", 500, kStart);
  EXPECT_EQ(path.next_due(), kStart + 11ms);
  EXPECT_EQ(path.take(kStart + 11ms), "a");
  EXPECT_EQ(path.next_due(), kStart + 11500us);
}

TEST(Path, AnIdleLineSavesUpNoBurst) {
  Path path(conditions({"rate 8mbit"}));
  path.offer("a", 1000, kStart);
  EXPECT_TRUE(path.take(kStart + 1s));
  path.offer("b", 1000, kStart + 1s);
  EXPECT_EQ(path.next_due(), kStart + 1s + 1ms);
}

TEST(Path, AFullQueueDropsWhatComesLast) {
  Path path(conditions({"rate 8mbit", "queue 3000"}));
  for (int i = 0; i < 5; ++i) path.offer("p", 1000, kStart);
  EXPECT_EQ(path.stats().overflowed, 2u);
  EXPECT_EQ(count_due(path, kStart + 1s), 3);
  EXPECT_EQ(path.stats().bytes, 3000u);
}

TEST(Path, LossIsAboutTheShareAskedForAndTheSameForOneSeed) {
  auto lost = [](std::string_view seed) {
    Path path(conditions({"loss 10%", seed}));
    for (int i = 0; i < 10'000; ++i) path.offer("p", 1, kStart);
    return path.stats().lost;
  };
  EXPECT_THAT(lost("seed 1"), testing::AllOf(testing::Ge(900u), testing::Le(1100u)));
  EXPECT_EQ(lost("seed 1"), lost("seed 1"));
  EXPECT_NE(lost("seed 1"), lost("seed 2"));
}

TEST(Path, AnOutageLosesWhatIsUnderWayAndWhatComesUntilItEnds) {
  auto c = conditions({"delay 50ms"});
  Path path(c);
  path.offer("under way", 9, kStart);
  c.up = false;
  path.change(c);
  path.offer("meanwhile", 9, kStart);
  c.up = true;
  path.change(c);
  path.offer("after", 5, kStart + 1ms);
  EXPECT_EQ(path.take(kStart + 1s), "after");
  EXPECT_EQ(path.stats().cut, 2u);
}

TEST(Path, AShorterDelayDoesNotOvertake) {
  auto c = conditions({"delay 50ms"});
  Path path(c);
  path.offer("first", 1, kStart);
  c.delay = 1ms;
  path.change(c);
  path.offer("second", 1, kStart);
  EXPECT_FALSE(path.take(kStart + 49ms));
  EXPECT_EQ(path.take(kStart + 50ms), "first");
  EXPECT_EQ(path.take(kStart + 50ms), "second");
}

TEST(WireBytes, HeadersOfEverySegmentAreCounted) {
  // virtio_net_hdr: flags, gso_type (TCPv4), hdr_len, gso_size 1000, csum_start 20, csum_offset.
  std::string header("\x01\x01\x00\x00\xe8\x03\x14\x00\x10\x00", 10);
  std::string packet(40 + 2500, 'x');
  packet[20 + 12] = '\x50';  // five words of TCP header
  EXPECT_EQ(wire_bytes(header + packet), 2500u + 3 * 40);
  EXPECT_EQ(wire_bytes(std::string(10, '\0') + std::string(1500, 'x')), 1500u);
  EXPECT_EQ(wire_bytes(header), 0u);
  EXPECT_EQ(wire_bytes("short"), 0u);
}

}  // namespace
}  // namespace nigh::emulator
