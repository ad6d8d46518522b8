// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/forward_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nigh::tunnel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "listen -> target" of each, or the error's words.
std::vector<std::string> parsed(Direction direction, std::string_view text) {
  auto forwards = parse_forward(direction, text);
  if (!forwards) return {forwards.error().message};
  std::vector<std::string> out;
  for (const auto& one : *forwards) {
    auto line = (one.udp ? "udp " : "") + to_text(one.listen);
    if (direction != Direction::dynamic) line += " -> " + to_text(one.target);
    out.push_back(line);
  }
  return out;
}

TEST(ForwardSpec, SaysWhereToListenAndWhereItLeads) {
  struct {
    std::string_view text, means;
  } const table[] = {
      {"8080:db:5432", "localhost:8080 -> db:5432"},
      {"0:db:5432", "localhost:0 -> db:5432"},
      {"localhost:8080:db:5432", "localhost:8080 -> db:5432"},
      {"*:8080:db:5432", "*:8080 -> db:5432"},
      {"[::1]:8080:[fe80::1%eth0]:80", "[::1]:8080 -> [fe80::1%eth0]:80"},
      {"8080:/run/x.sock", "localhost:8080 -> /run/x.sock"},
      {"[::]:8080:/run/x.sock", "[::]:8080 -> /run/x.sock"},
      {"/tmp/a:db:5432", "/tmp/a -> db:5432"},
      {"/tmp/a:/run/x.sock", "/tmp/a -> /run/x.sock"},
      {"udp:5353:ns:53", "udp 127.0.0.1:5353 -> ns:53"},
      {"udp:[::1]:5353:[::1]:53", "udp [::1]:5353 -> [::1]:53"},
      {"8000-8000:h:80-80", "localhost:8000 -> h:80"},
  };
  for (const auto& row : table)
    EXPECT_THAT(parsed(Direction::local, row.text), ElementsAre(row.means)) << row.text;
}

TEST(ForwardSpec, ARangeGivesOneForEachPort) {
  EXPECT_THAT(parsed(Direction::remote, "8000-8002:h:9000-9002"),
              ElementsAre("localhost:8000 -> h:9000", "localhost:8001 -> h:9001",
                          "localhost:8002 -> h:9002"));
  EXPECT_THAT(parsed(Direction::dynamic, "[::1]:1080-1081"),
              ElementsAre("[::1]:1080", "[::1]:1081"));
}

TEST(ForwardSpec, ADynamicOneOnlyListens) {
  EXPECT_THAT(parsed(Direction::dynamic, "1080"), ElementsAre("localhost:1080"));
  EXPECT_THAT(parsed(Direction::dynamic, "*:1080"), ElementsAre("*:1080"));
  EXPECT_THAT(parsed(Direction::dynamic, "/tmp/socks"), ElementsAre("/tmp/socks"));
  EXPECT_THAT(parsed(Direction::dynamic, "1080:db:80"), ElementsAre(HasSubstr("who comes says")));
}

TEST(ForwardSpec, WhatMakesNoSenseIsRefusedWithTheReason) {
  struct {
    std::string_view text, why;
  } const table[] = {
      {"", "'' is no port"},
      {"8080", "where to"},
      {"8080:80", "[BIND:]PORT:HOST:PORT"},
      {"8080:db:http", "'http' is no port"},
      {"8080:db:0", "leads nowhere"},
      {"8080:db:65536", "'65536' is no port"},
      {"-1:db:80", "'-1' is no port"},
      {"99999:db:80", "'99999' is no port"},
      {":8080:db:80", "* is all"},
      {"8080::80", "an address is empty"},
      {"8080:a b:80", "'a b' is no host"},
      {"8080:db:80:90", "[BIND:]PORT:HOST:PORT"},
      {"a:b:c:d:e", "is no port"},
      {"[::1:8080:db:80", "bracket"},
      {"[::1]x:8080:db:80", "bracket"},
      {"8080:::1:80", "[BIND:]PORT:HOST:PORT"},
      {"8000-8001:db:80", "one length"},
      {"8000:db:80-81", "one length"},
      {"8000-8001:/x", "one length"},
      {"8001-8000:db:80-81", "no port"},
      {"0-3:db:80-83", "no port"},
      {"1-65535:db:1-65535", "at most 1024"},
      {"udp:5353:/x", "from a port to a port"},
      {"8080:db\n:80", "is no host"},
  };
  for (const auto& row : table)
    EXPECT_THAT(parsed(Direction::local, row.text), ElementsAre(HasSubstr(row.why))) << row.text;
  EXPECT_THAT(parsed(Direction::remote, "udp:1:h:2"), ElementsAre(HasSubstr("-L")));
  EXPECT_THAT(parsed(Direction::local, "1:/" + std::string(107, 'x')),
              ElementsAre(HasSubstr("107 bytes")));
}

}  // namespace
}  // namespace nigh::tunnel
