// SPDX-License-Identifier: Apache-2.0
#include "client/target.hpp"

#include <gmock/gmock.h>

namespace nigh::client {
namespace {

using testing::HasSubstr;

struct Case {
  const char* text;
  const char* user;  // "": none
  const char* host;
  unsigned port;  // 0: none
};

class ATarget : public testing::TestWithParam<Case> {};

TEST_P(ATarget, IsTakenApart) {
  const auto& expected = GetParam();
  auto target = parse_target(expected.text);
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->user.value_or(""), expected.user);
  EXPECT_EQ(target->host, expected.host);
  EXPECT_EQ(target->port.value_or(0), expected.port);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ATarget,
    testing::Values(Case{"web1", "", "web1", 0}, Case{"ada@web1", "ada", "web1", 0},
                    Case{"web1:22", "", "web1", 22}, Case{"ada@web1:65535", "ada", "web1", 65535},
                    Case{"ada@example.org@web1", "ada@example.org", "web1", 0},
                    Case{"::1", "", "::1", 0}, Case{"ada@fe80::1%eth0", "ada", "fe80::1%eth0", 0},
                    Case{"[::1]", "", "::1", 0}, Case{"[2001:db8::7]:22", "", "2001:db8::7", 22},
                    Case{"[web1]:7722", "", "web1", 7722}, Case{"192.0.2.7:1", "", "192.0.2.7", 1},
                    Case{"nigh://web1", "", "web1", 0}, Case{"NIGH://web1/", "", "web1", 0},
                    Case{"nigh://ada@[::1]:99/", "ada", "::1", 99},
                    Case{"my_host-1.example.", "", "my_host-1.example.", 0}));

class ABadTarget : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(ABadTarget, IsRefusedWithAReason) {
  auto target = parse_target(GetParam().first);
  ASSERT_FALSE(target) << GetParam().first;
  EXPECT_EQ(target.error().code, Errc::usage);
  EXPECT_THAT(target.error().message, HasSubstr(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ABadTarget,
    testing::Values(std::pair("", "empty"), std::pair("@web1", "user name is empty"),
                    std::pair("ada@", "host name is empty"), std::pair(":22", "host name is empty"),
                    std::pair("-oProxyCommand=x", "begins with '-'"),
                    std::pair("-l@web1", "begins with '-'"), std::pair("web1:", "not a port"),
                    std::pair("web1:0", "not a port"), std::pair("web1:65536", "not a port"),
                    std::pair("web1:22x", "not a port"), std::pair("web1;id", "not a host name"),
                    std::pair("$(id)", "not a host name"), std::pair("web 1", "not a host name"),
                    std::pair("web1\n", "\\x0a"), std::pair("a`id`@web1", "not a user name"),
                    std::pair("a\x1b[2J@web1", "not a user name"), std::pair("[::1", "closing"),
                    std::pair("[::1]22", "PORT"), std::pair("we%b", "neither"),
                    std::pair("1::zz", "neither"), std::pair("nigh://::1", "brackets"),
                    std::pair("nigh://web1/etc", "path"), std::pair("nigh://web1?x", "path"),
                    std::pair("https://web1", "not a nigh:// address")));

TEST(TargetLimits, HoldForHostsAndUsers) {
  EXPECT_TRUE(parse_target(std::string(253, 'a')));
  EXPECT_FALSE(parse_target(std::string(254, 'a')));
  EXPECT_TRUE(parse_target(std::string(255, 'a') + "@web1"));
  EXPECT_FALSE(parse_target(std::string(256, 'a') + "@web1"));
}

TEST(AddressText, BracketsIpv6) {
  EXPECT_EQ(address_text("web1", 7722), "web1:7722");
  EXPECT_EQ(address_text("::1", 22), "[::1]:22");
}

}  // namespace
}  // namespace nigh::client
