// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/proxy_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nigh::tunnel {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::StartsWith;
using Now = ProxyDialect::Step::Now;

const auto kGreeting = "\x05\x01\x00"s;
const auto kGreeted = "\x05\x00"s;
const auto kName = kGreeting + "\x05\x01\x00\x03\x02"s + "db" + "\x15\x38"s;

struct Said {
  Now now;
  std::string reply;
  std::string target;
  bool operator==(const Said&) const = default;
};

// All in one piece, or byte by byte: the same.
Said say(ProxyServer& proxy, std::string_view bytes, bool bytewise) {
  Said said{.now = Now::read_more, .reply = "", .target = ""};
  while (!bytes.empty() && said.now == Now::read_more) {
    auto piece = bytes.substr(0, bytewise ? 1 : bytes.size());
    bytes.remove_prefix(piece.size());
    auto step = proxy.feed(piece);
    said.now = step.now;
    said.reply += step.reply;
    if (step.now == Now::connect) said.target = to_text(step.target);
  }
  return said;
}

Said say(std::string_view bytes) {
  ProxyServer whole, bytewise;
  auto said = say(whole, bytes, false);
  EXPECT_EQ(said, say(bytewise, bytes, true)) << testing::PrintToString(bytes);
  return said;
}

Said connects(std::string_view reply, std::string_view target) {
  return {Now::connect, std::string(reply), std::string(target)};
}
Said ends(std::string_view reply) { return {Now::over, std::string(reply), ""}; }

std::string socks5_reply(char code) { return "\x05"s + code + "\0\x01\0\0\0\0\0\0"s; }

TEST(ProxyServer, Socks5NamesAndAddressesAreTargets) {
  EXPECT_EQ(say(kName), connects(kGreeted, "db:5432"));
  EXPECT_EQ(say("\x05\x02\x02\x00"s + "\x05\x01\x00\x01\x0a\x00\x00\x07\x00\x50"s),
            connects(kGreeted, "10.0.0.7:80"));
  EXPECT_EQ(say(kGreeting + "\x05\x01\x00\x04"s + std::string(15, '\0') + "\x01\x00\x35"s),
            connects(kGreeted, "[::1]:53"));
}

TEST(ProxyServer, WhatSocks5CannotDoIsAnsweredWithItsCode) {
  struct {
    std::string request;
    char code;
  } const table[] = {
      {"\x05\x02\x00\x01\x0a\x00\x00\x07\x00\x50"s, 7},  // BIND
      {"\x05\x03\x00\x01\x0a\x00\x00\x07\x00\x50"s, 7},  // UDP ASSOCIATE
      {"\x05\x01\x00\x02\x0a"s, 8},                      // an address type that there is not
      {"\x05\x01\x01\x01\x0a\x00\x00\x07\x00\x50"s, 1},  // reserved is not 0
      {"\x05\x01\x00\x01\x0a\x00\x00\x07\x00\x00"s, 1},  // port 0
      {"\x05\x01\x00\x03\x00\x00\x50"s, 1},              // a name of no length
      {"\x05\x01\x00\x03\x02\x61\x00\x00\x50"s, 1},      // a zero in a name
      {"\x04\x01\x00\x01\x0a"s, 1},                      // another version
  };
  for (const auto& row : table)
    EXPECT_EQ(say(kGreeting + row.request), ends(kGreeted + socks5_reply(row.code)))
        << testing::PrintToString(row.request);
  EXPECT_EQ(say("\x05\x01\x02"s), ends("\x05\xff"s));  // wants a password
  EXPECT_EQ(say("\x05\x00"s), ends("\x05\xff"s));      // wants nothing at all
}

TEST(ProxyServer, Socks4KnowsAddressesAndNames) {
  EXPECT_EQ(say("\x04\x01\x00\x50\x0a\x00\x00\x07me\0"s), connects("", "10.0.0.7:80"));
  EXPECT_EQ(say("\x04\x01\x00\x50\x00\x00\x00\x01\0db\0"s), connects("", "db:80"));
  const auto rejected = "\0\x5b\0\0\0\0\0\0"s;
  EXPECT_EQ(say("\x04\x02\x00\x50\x0a\x00\x00\x07\0"s), ends(rejected));
  EXPECT_EQ(say("\x04\x01\x00\x00\x0a\x00\x00\x07\0"s), ends(rejected));
  EXPECT_EQ(say("\x04\x01\x00\x50\x00\x00\x00\x01\0\0"s), ends(rejected));
  EXPECT_EQ(say("\x04\x01\x00\x50\x0a\x00\x00\x07"s + std::string(256, 'u')).now, Now::over);
}

TEST(ProxyServer, HttpConnectIsStrict) {
  EXPECT_EQ(say("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\nUser-Agent: x\r\n\r\n"),
            connects("", "db:5432"));
  EXPECT_EQ(say("CONNECT [::1]:80 HTTP/1.0\r\n\r\n"), connects("", "[::1]:80"));
  struct {
    std::string request;
    std::string_view status;
  } const table[] = {
      {"GET http://db/ HTTP/1.1\r\n\r\n", "501"},
      {"CONNECT db HTTP/1.1\r\n\r\n", "400"},
      {"CONNECT db:0 HTTP/1.1\r\n\r\n", "400"},
      {"CONNECT db:80:90 HTTP/1.1\r\n\r\n", "400"},
      {"CONNECT ::1:80 HTTP/1.1\r\n\r\n", "400"},
      {"CONNECT user@db:80 HTTP/1.1\r\n\r\n", "400"},
      {"CONNECT  db:80 HTTP/1.1\r\n\r\n", "400"},
      {"CONNECT db:80\r\n\r\n", "400"},
      {"\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/2\r\n\r\n", "505"},
      {"CONNECT db:80 HTTP/1.1\r\nContent-Length: 3\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/1.1\r\nTRANSFER-encoding: chunked\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/1.1\r\nHost : db\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/1.1\r\nA: b\nB: c\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/1.1\r\nA: "s + '\0' + "\r\n\r\n", "400"},
      {"CONNECT db:80 HTTP/1.1\r\n" + std::string(17000, 'x'), "431"},
  };
  for (const auto& row : table) {
    auto said = say(row.request);
    EXPECT_EQ(said.now, Now::over) << row.request;
    EXPECT_THAT(said.reply, StartsWith("HTTP/1.1 " + std::string(row.status))) << row.request;
  }
}

TEST(ProxyServer, WhatFollowsTheRequestIsForTheTarget) {
  for (const auto& request : {kName, "CONNECT db:5432 HTTP/1.1\r\n\r\n"s}) {
    ProxyServer proxy;
    ASSERT_EQ(proxy.feed(request + "early").now, Now::connect);
    EXPECT_EQ(proxy.take_rest(), "early");
  }
}

TEST(ProxyServer, EachDialectHasItsWordForWhatBecameOfIt) {
  ProxyServer socks, http;
  socks.feed(kName);
  http.feed("CONNECT db:5432 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(socks.granted(), socks5_reply(0));
  EXPECT_EQ(http.granted(), "HTTP/1.1 200 Connection established\r\n\r\n");
  struct {
    Refusal why;
    char code;
    std::string_view status;
  } const table[] = {
      {Refusal::not_permitted, 2, "403"},  {Refusal::unreachable, 4, "502"},
      {Refusal::name_not_found, 4, "502"}, {Refusal::connection_refused, 5, "502"},
      {Refusal::timed_out, 6, "504"},      {Refusal::no_target, 1, "400"},
      {Refusal::other, 1, "502"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(socks.refused(row.why), socks5_reply(row.code));
    EXPECT_THAT(http.refused(row.why), HasSubstr(row.status));
  }
}

}  // namespace
}  // namespace nigh::tunnel
