// SPDX-License-Identifier: Apache-2.0
#include "delta/rolling.hpp"

#include <set>

#include "delta/simulator_for_test.hpp"

namespace nigh::delta {

namespace {

std::uint32_t slow_hash(std::string_view bytes, std::uint32_t multiplier) {
  std::uint32_t hash = 0;
  for (char byte : bytes) hash = hash * multiplier + static_cast<unsigned char>(byte);
  return hash;
}

TEST(WeakHash, IsThePolynomialForAnyLengthAndAnyBytes) {
  Random random(5);
  const auto bytes = random_bytes(3000, random) + std::string(3000, '\xff');
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const WeakHash hash(seed);
    for (std::size_t length : {0, 1, 127, 255, 256, 257, 512, 1000, 6000}) {
      const auto window = std::string_view(bytes).substr(bytes.size() - length);
      EXPECT_EQ(hash(window), slow_hash(window, hash.multiplier())) << length;
    }
  }
}

TEST(Slider, HasTheHashOfEachWindowItStopsAt) {
  Random random(6);
  const auto bytes = random_bytes(5000, random);
  const std::size_t window = 300;
  const WeakHash hash(11);
  const Slider slider(hash, window);
  for (std::size_t start : {0, 1, 2, 3, 4, 5, 6, 7, 4000, 4699, 4700}) {
    const auto wanted = hash(std::string_view(bytes).substr(start, window));
    WeakFilter filter(1);
    filter.add(wanted);
    auto view = std::string_view(bytes);
    auto weak = hash(view.substr(0, window));
    std::size_t at = 0;
    for (;;) {
      const auto skipped = slider.find(view.substr(at), filter, weak);
      ASSERT_LE(at + skipped + window, bytes.size()) << "passed " << start;
      at += skipped;
      ASSERT_EQ(weak, hash(view.substr(at, window)));
      if (at == start) break;
      weak = slider.next(weak, view[at], view[at + window]);
      ++at;
    }
    EXPECT_EQ(weak, wanted);
  }
}

TEST(Slider, SaysThatNoWindowIsThereAndHasTheHashOfTheLast) {
  Random random(7);
  const auto bytes = random_bytes(1000, random);
  const WeakHash hash(11);
  for (std::size_t window : {128, 997, 998, 999, 1000}) {
    auto weak = hash(std::string_view(bytes).substr(0, window));
    EXPECT_EQ(Slider(hash, window).find(bytes, WeakFilter(1), weak), bytes.size() - window + 1);
    EXPECT_EQ(weak, hash(std::string_view(bytes).substr(bytes.size() - window)));
  }
}

TEST(WeakFilter, FindsWhatWasAddedInEverySize) {
  for (std::size_t expected : {1, 1000, 30'000, 900'000}) {
    WeakFilter filter(expected);
    const WeakHash hash(1);
    const std::string window(200, 'x');
    auto weak = hash(window);
    const auto missed = Slider(hash, 200).find(window, filter, weak);
    EXPECT_EQ(missed, 1U);
    filter.add(weak);
    EXPECT_EQ(Slider(hash, 200).find(window, filter, weak), 0U);
  }
}

TEST(WeakHash, OfTextsThatDifferALittleIsSpreadOverAllBits) {
  const WeakHash hash(3);
  std::set<std::uint32_t> upper;
  for (int i = 0; i < 4096; ++i) {
    auto line = "record " + std::to_string(i) + " of a table whose lines are much alike";
    line.resize(512, ' ');
    upper.insert(hash(line) >> 16);
  }
  // 4096 balls in 65536 bins: about 127 share one.
  EXPECT_GT(upper.size(), 3800U);
}

}  // namespace

}  // namespace nigh::delta
