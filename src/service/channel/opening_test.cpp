// SPDX-License-Identifier: Apache-2.0
#include "service/channel/opening.hpp"

#include <gtest/gtest.h>

namespace nigh::channel {
namespace {

TEST(OpeningTest, APathIsReadAsItWasWritten) {
  Opening opening{"a.b_c-1", Part::receive, "", false, 7, 12};
  EXPECT_EQ(path_of(opening), "/v1/channels/a.b_c-1?part=receive&wait=0&most=7&window=12");
  auto read = unwrap(parse_path(path_of(opening)));
  EXPECT_EQ(read.channel, "a.b_c-1");
  EXPECT_EQ(read.part, Part::receive);
  EXPECT_FALSE(read.wait);
  EXPECT_EQ(read.most, 7u);
  EXPECT_EQ(read.window, 12u);
  Opening sender{"x", Part::keep_messages, std::string(16, '\xff')};
  EXPECT_EQ(unwrap(parse_path(path_of(sender))).sender, sender.sender);
}

TEST(OpeningTest, NamesAreShortAndPlain) {
  EXPECT_TRUE(is_channel_name("Z9._-"));
  EXPECT_TRUE(is_channel_name(std::string(64, 'a')));
  for (const char* name : {"", ".", "..", "a/b", "a b", "a%20", "\xc3\xa4", "a:b"})
    EXPECT_FALSE(is_channel_name(name)) << name;
  EXPECT_FALSE(is_channel_name(std::string(65, 'a')));
}

TEST(OpeningTest, WhatMakesNoSenseIsRefused) {
  for (const char* path :
       {"/v1/channels", "/v1/channels/", "/v1/channels/..", "/v1/channels/a?part=",
        "/v1/channels/a?x=1", "/v1/channels/a?part=send", "/v1/channels/a?part=send&sender=AAAA",
        "/v1/channels/a?wait=2", "/v1/channels/a?most=0", "/v1/channels/a?most=-1",
        "/v1/channels/a?window=0", "/v1/channels/a?window=8193", "/v1/channels/a?window=1x",
        "/v1/channels/a?&", "/v1/channels/a?part=receive&sender=AAAAAAAAAAAAAAAAAAAAAA"})
    EXPECT_FALSE(parse_path(path)) << path;
}

}  // namespace
}  // namespace nigh::channel
