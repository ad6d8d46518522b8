// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/target.hpp"

#include <gtest/gtest.h>

namespace nigh::tunnel {
namespace {

TEST(Target, HostsAndPortsAreReadAndWrittenAsTheyWere) {
  for (const auto& [text, host, port] :
       {std::tuple("db:5432", "db", 5432), std::tuple("192.0.2.7:1", "192.0.2.7", 1),
        std::tuple("[2001:db8::7]:65535", "2001:db8::7", 65535),
        std::tuple("[fe80::1%eth0]:22", "fe80::1%eth0", 22),
        std::tuple("a_b.example.org:80", "a_b.example.org", 80)}) {
    auto target = parse_host_port(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(*target, (HostPort{host, static_cast<std::uint16_t>(port)})) << text;
    EXPECT_EQ(to_text(*target), text);
    EXPECT_EQ(parse_udp_rest(udp_path(*target).substr(kUdpPath.size())), *target) << text;
  }
}

TEST(Target, WhatIsNoHostAndPortIsRefused) {
  for (std::string text : {"",        ":",       "db",     "db:",    ":80",    "db:0",  "db:65536",
                           "db:80x",  "db:-1",   "db:+1",  "db: 1",  "::1:80", "[::1]", "[]:80",
                           "[::1:80", "::1]:80", "a b:80", "a/b:80", "u@h:80", "a\n:80"})
    EXPECT_FALSE(parse_host_port(text)) << text;
  EXPECT_FALSE(parse_host_port(std::string(kMaxHost + 1, 'x') + ":80"));
  EXPECT_FALSE(parse_host_port(std::string("a\0b:80", 6)));
}

TEST(Target, PathsOfSocketsAreOneSegment) {
  auto path = unix_path("/run/my app/ü.sock");
  EXPECT_EQ(path, "/v1/unix/%2Frun%2Fmy%20app%2F%C3%BC.sock");
  EXPECT_EQ(parse_unix_segment(path.substr(kUnixPath.size())), "/run/my app/ü.sock");
  for (std::string text : {"", "x.sock", "%2", "%2Frun%00", "%2Frun%zz"})
    EXPECT_FALSE(parse_unix_segment(text)) << text;
  EXPECT_TRUE(parse_unix_segment("/" + std::string(kMaxUnixPath - 1, 'x')));
  EXPECT_FALSE(parse_unix_segment("/" + std::string(kMaxUnixPath, 'x')));
}

TEST(Target, UdpPathsAreThoseOfRfc9298) {
  EXPECT_EQ(udp_path({"2001:db8::42", 443}), "/.well-known/masque/udp/2001%3Adb8%3A%3A42/443/");
  for (std::string text : {"", "a", "a/1", "a/1/x", "a/1//", "a/0/", "/1/", "a%/1/", "a%2Fb/1/"})
    EXPECT_FALSE(parse_udp_rest(text)) << text;
}

TEST(Target, WhatWasReceivedIsANumber) {
  EXPECT_EQ(unwrap(parse_received("0")), 0u);
  EXPECT_EQ(unwrap(parse_received("18446744073709551615")), 18446744073709551615u);
  for (const char* bad : {"", " 1", "1 ", "-1", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_received(bad)) << bad;
}

}  // namespace
}  // namespace nigh::tunnel
