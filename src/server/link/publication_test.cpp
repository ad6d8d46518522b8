// SPDX-License-Identifier: Apache-2.0
#include "server/link/publication.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nigh::server {
namespace {

TEST(PublicationTest, NamesAreHostNamesAndNoAddresses) {
  for (const char* good : {"web1", "a", "web-1.example.org", "1a", "10.0.0.a", "x--y"})
    EXPECT_TRUE(is_publishable(good)) << good;
  for (const char* bad : {"",
                          ".",
                          "web1.",
                          ".web1",
                          "a..b",
                          "-a",
                          "a-",
                          "a.-b",
                          "Web1",
                          "web_1",
                          "web 1",
                          "web1:1",
                          "10.0.0.1",
                          "7",
                          "web.7",
                          "0x7f",
                          "a.0x1",
                          "localhost",
                          "x.localhost",
                          "::1",
                          "*",
                          "w\xc3\xa9"
                          "b",
                          "a/b"})
    EXPECT_FALSE(is_publishable(bad)) << bad;
  EXPECT_FALSE(is_publishable(std::string("a\0b", 3)));
  EXPECT_TRUE(is_publishable(std::string(63, 'a')));
  EXPECT_FALSE(is_publishable(std::string(64, 'a')));
}

TEST(PublicationTest, ANameAndWhereItIsPublished) {
  auto one = parse_publication("web1@bastion");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->name, "web1");
  EXPECT_EQ(one->relay, "bastion");
  EXPECT_EQ(parse_publication("web1@me@bastion:7000")->relay, "me@bastion:7000");
  for (const char* bad : {"", "web1", "web1@", "@bastion", "Web1@bastion", "web1@a b", "web1@-x",
                          "web1@a/b", "10.0.0.1@bastion"})
    EXPECT_EQ(parse_publication(bad).error().code, Errc::usage) << bad;
}

TEST(PublicationTest, NothingIsPublishedTwiceAtOneRelay) {
  EXPECT_TRUE(check_publications({}));
  EXPECT_TRUE(check_publications({"web1@a", "web1@b", "web2@a"}));
  EXPECT_FALSE(check_publications({"web1@a", "web2@a", "web1@a"}));
  EXPECT_FALSE(check_publications({"web1@a", "web1"}));
  std::vector<std::string> many;
  for (std::size_t i = 0; i < kMaxPublications; ++i) many.push_back("web1@a" + std::to_string(i));
  EXPECT_TRUE(check_publications(many));
  many.emplace_back("web1@b");
  EXPECT_FALSE(check_publications(many));
}

TEST(PublicationTest, WhoComesOverARelayIsOneWordWhateverTheRelaySays) {
  EXPECT_EQ(relay_source("me@bastion:7000", "192.0.2.7"), "relay:bastion:7000/192.0.2.7");
  EXPECT_EQ(relay_source("bastion", "relay:other/2001:db8::7"),
            "relay:bastion/relay:other/2001:db8::7");
  for (const std::string& bad : {std::string(), std::string("1.2.3.4 22 x"), std::string("a\nb"),
                                 std::string("\xff"), std::string(5000, 'x')}) {
    EXPECT_EQ(relay_source("bastion", bad), "relay:bastion/unknown");
    EXPECT_FALSE(is_relay_source("relay:bastion/" + bad + " "));
  }
  EXPECT_TRUE(is_relay_source(relay_source("bastion", "192.0.2.7")));
  EXPECT_FALSE(is_relay_source("192.0.2.7"));
  EXPECT_FALSE(is_relay_source(""));
}

}  // namespace
}  // namespace nigh::server
