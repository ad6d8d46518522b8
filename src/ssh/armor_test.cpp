// SPDX-License-Identifier: Apache-2.0
#include "ssh/armor.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nigh::ssh {
namespace {

TEST(Armor, GivesBackBytesOfEveryLength) {
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\xA5');
    auto text = armor("X", bytes);
    auto back = dearmor("X", text.expose());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->expose(), bytes);
  }
}

TEST(Armor, WrapsAtSeventyCharacters) {
  auto text = armor("X", std::string(60, 'a'));
  EXPECT_EQ(text.expose().find('\n', 20) - text.expose().find('\n') - 1, 70u);
}

TEST(Armor, TakesCarriageReturnsAndSpaceAround) {
  auto back = dearmor("X", "\r\n-----BEGIN X-----\r\nYW\r\nJj\r\n-----END X-----\r\n\n");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->expose(), "abc");
}

TEST(Armor, RefusesWhatIsNotOneWholeBlock) {
  for (std::string_view text :
       {"", "YWJj", "-----BEGIN X-----\nYWJj\n", "-----BEGIN Y-----\nYWJj\n-----END Y-----\n",
        "YWJj\n-----END X-----", "-----BEGIN X-----\nYW!j\n-----END X-----",
        "-----BEGIN X-----\nA: b\n\nYWJj\n-----END X-----", "-----BEGIN X-----",
        "-----BEGIN X-----\nYWJj\n-----END X-----\nmore"}) {
    auto back = dearmor("X", text);
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace nigh::ssh
