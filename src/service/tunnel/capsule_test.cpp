// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/capsule.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace nigh::tunnel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Datagrams = std::vector<std::string>;

// All that `bytes` hold, fed in pieces of that size; "!" is the end by an error.
Datagrams decoded(std::string_view bytes, std::size_t step = SIZE_MAX) {
  CapsuleDecoder decoder;
  Datagrams out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    decoder.feed(bytes.substr(0, step));
    for (;;) {
      auto next = decoder.next();
      if (!next) return out.push_back("!"), out;
      if (!*next) break;
      out.push_back(**std::move(next));
    }
  }
  return out;
}

Datagrams decoded(std::string_view first, const std::string& then, std::size_t step) {
  return decoded(std::string(first) + then, step);
}
std::string bytes(std::string_view text) { return std::string(text); }
using namespace std::string_view_literals;

TEST(Capsules, AreThoseOfTheRfc) {
  EXPECT_EQ(datagram_capsule("hi"), bytes("\x00\x03\x00hi"sv));
  EXPECT_EQ(datagram_capsule(""), bytes("\x00\x01\x00"sv));
  EXPECT_EQ(datagram_capsule(std::string(63, 'x')).substr(0, 4), bytes("\x00\x40\x40\x00"sv));
  EXPECT_EQ(datagram_capsule(std::string(kMaxDatagram, 'x')).substr(0, 6),
            bytes("\x00\x80\x00\xff\xf8\x00"sv));
}

TEST(Capsules, PayloadsComeOutAsTheyWentIn) {
  const Datagrams all{"",
                      "a",
                      std::string(62, 'b'),
                      std::string(63, 'c'),
                      std::string(16382, 'd'),
                      std::string(16383, 'e'),
                      std::string(kMaxDatagram, 'f'),
                      "last"};
  std::string stream;
  for (const auto& one : all) stream += datagram_capsule(one);
  for (std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{60'000}, SIZE_MAX})
    EXPECT_EQ(decoded(stream, step), all) << step;
}

TEST(Capsules, NumbersMayBeLongerThanTheyNeedToBe) {
  EXPECT_THAT(decoded("\x40\x00\x80\x00\x00\x04\x40\x00hi"sv), ElementsAre("hi"));
}

TEST(Capsules, WhatIsUnknownIsSkipped) {
  const auto known = datagram_capsule("known");
  for (std::size_t step : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
    EXPECT_THAT(decoded("\x05\x04skip"sv, known, step), ElementsAre("known"));
    EXPECT_THAT(decoded("\x00\x03\x02no"sv, known, step), ElementsAre("known"));
    EXPECT_THAT(decoded("\x05\x00"sv, known, step), ElementsAre("known"));
    // 2^62 - 1 bytes, of which few will ever come.
    EXPECT_THAT(decoded("\x05\xff\xff\xff\xff\xff\xff\xff\xff"sv, known, step), IsEmpty());
  }
}

TEST(Capsules, WhatNoDatagramCanBeEndsIt) {
  EXPECT_THAT(decoded(bytes("\x00\x00"sv)), ElementsAre("!"));              // no context
  EXPECT_THAT(decoded(bytes("\x00\x01\x40"sv)), ElementsAre("!"));          // half of one
  EXPECT_THAT(decoded(bytes("\x00\x80\x01\x00\x00"sv)), ElementsAre("!"));  // known by its length
  EXPECT_THAT(decoded(bytes("\x00\x80\x00\xff\xf9\x00"sv) + std::string(kMaxDatagram + 1, 'x')),
              ElementsAre("!"));
}

}  // namespace
}  // namespace nigh::tunnel
