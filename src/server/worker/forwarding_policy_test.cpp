// SPDX-License-Identifier: Apache-2.0
#include "server/worker/forwarding_policy.hpp"

#include <gtest/gtest.h>

namespace nigh::server {
namespace {

enum class Says { yes, not_permitted, bad_request };

Says says(const Refused& refused) {
  if (refused) return Says::yes;
  EXPECT_FALSE(refused.error().message.empty());
  return refused.error().trouble == Trouble::bad_request ? Says::bad_request : Says::not_permitted;
}

ssh::KeyOptions options_of(const char* text) { return ssh::parse_key_options(text).value(); }

constexpr ForwardingSettings kOpen, kOff{.allowed = false}, kGateway{.gateway_ports = true};
constexpr auto kTcp = Reach::tcp, kUdp = Reach::udp, kUnix = Reach::unix_socket;

struct Asked {
  const char* options;
  Reach reach;
  const char* host;
  std::uint32_t port;
  Says expected;
};

TEST(ForwardingPolicy, WhatAKeyMayOpen) {
  for (const auto& [options, reach, host, port, expected] : {
           Asked{"", kTcp, "db", 5432, Says::yes},
           {"", kUdp, "ns", 53, Says::yes},
           {"", kUnix, "/run/x", 0, Says::yes},
           {"command=\"true\"", kTcp, "db", 1, Says::yes},  // as with sshd
           {"no-pty,no-agent-forwarding", kTcp, "db", 1, Says::yes},
           {"no-port-forwarding", kTcp, "db", 1, Says::not_permitted},
           {"no-port-forwarding", kUdp, "db", 1, Says::not_permitted},
           {"no-port-forwarding", kUnix, "/run/x", 0, Says::not_permitted},
           {"restrict", kTcp, "db", 1, Says::not_permitted},
           {"restrict,port-forwarding", kTcp, "db", 1, Says::yes},
           {"no-port-forwarding,permitopen=\"db:1\"", kTcp, "db", 1, Says::not_permitted},
           {"permitopen=\"db:5432\"", kTcp, "db", 5432, Says::yes},
           {"permitopen=\"db:5432\"", kTcp, "db", 543, Says::not_permitted},
           {"permitopen=\"db:5432\"", kTcp, "DB", 5432, Says::not_permitted},
           {"permitopen=\"db:5432\"", kTcp, "db.", 5432, Says::not_permitted},
           {"permitopen=\"db:5432\"", kTcp, "*", 5432, Says::not_permitted},
           {"permitopen=\"db:5432\"", kUdp, "db", 5432, Says::not_permitted},
           {"permitopen=\"db:*\"", kUnix, "db", 0, Says::not_permitted},
           {"permitopen=\"db:*\"", kTcp, "db", 1, Says::yes},
           {"permitopen=\"d*:1\"", kTcp, "db", 1, Says::not_permitted},  // no patterns
           {"permitopen=\"*:1\"", kTcp, "db", 1, Says::yes},
           {"permitopen=\"[::1]:80\"", kTcp, "::1", 80, Says::yes},
           {"permitopen=\"a:1\",permitopen=\"b:2\"", kTcp, "b", 2, Says::yes},
           {"permitopen=\"a:1\",permitopen=\"b:2\"", kTcp, "a", 2, Says::not_permitted},
           {"permitlisten=\"1\"", kTcp, "db", 1, Says::yes},
       }) {
    Dial dial{1, "", reach, host, port};
    EXPECT_EQ(says(may_dial(dial, options_of(options), kOpen)), expected) << options << " " << host;
    EXPECT_EQ(says(may_dial(dial, options_of(options), kOff)), Says::not_permitted);
  }
}

TEST(ForwardingPolicy, WhereAKeyMayListen) {
  for (const auto& [options, reach, host, port, expected] : {
           Asked{"", kTcp, "localhost", 0, Says::yes},
           {"", kTcp, "127.0.0.1", 0, Says::yes},
           {"", kTcp, "127.9.9.9", 0, Says::yes},
           {"", kTcp, "::1", 0, Says::yes},
           {"", kTcp, "0.0.0.0", 0, Says::not_permitted},
           {"", kTcp, "*", 0, Says::not_permitted},
           {"", kTcp, "::", 0, Says::not_permitted},
           {"", kTcp, "192.0.2.1", 0, Says::not_permitted},
           {"", kTcp, "", 0, Says::bad_request},
           {"", kTcp, "example.org", 0, Says::bad_request},
           {"", kUnix, "/tmp/x", 0, Says::yes},
           {"restrict", kTcp, "localhost", 0, Says::not_permitted},
           {"no-port-forwarding", kUnix, "/tmp/x", 0, Says::not_permitted},
           {"permitlisten=\"8080\"", kTcp, "localhost", 8080, Says::yes},
           {"permitlisten=\"8080\"", kTcp, "127.0.0.1", 8080, Says::yes},
           {"permitlisten=\"8080\"", kTcp, "localhost", 0, Says::not_permitted},
           {"permitlisten=\"8080\"", kTcp, "0.0.0.0", 8080, Says::not_permitted},
           {"permitlisten=\"8080\"", kUnix, "/tmp/x", 0, Says::not_permitted},
           {"permitlisten=\"local*:*\"", kTcp, "LocalHost", 1, Says::bad_request},
           {"permitlisten=\"local*:*\"", kTcp, "localhost", 1, Says::yes},
           {"permitlisten=\"local*:*\"", kTcp, "127.0.0.1", 1, Says::not_permitted},
           {"permitopen=\"db:1\"", kTcp, "localhost", 1, Says::yes},
           // As with sshd, a port without a host is that port of any: a published name's, too.
           {"permitlisten=\"7722\"", Reach::published, "web1", 7722, Says::yes},
           {"permitlisten=\"web1:7722\"", Reach::published, "web1", 7722, Says::yes},
           {"permitlisten=\"web1:7722\"", Reach::published, "web2", 7722, Says::not_permitted},
           {"permitlisten=\"web*:7722\"", Reach::published, "web2", 7722, Says::yes},
           {"permitlisten=\"localhost:*\"", Reach::published, "web1", 7722, Says::not_permitted},
           {"permitlisten=\"8080\"", Reach::published, "web1", 7722, Says::not_permitted},
           {"", Reach::agent, "", 0, Says::yes},
           {"no-agent-forwarding", Reach::agent, "", 0, Says::not_permitted},
           {"restrict", Reach::agent, "", 0, Says::not_permitted},
           {"restrict,port-forwarding", Reach::agent, "", 0, Says::not_permitted},
           {"restrict,agent-forwarding", Reach::agent, "", 0, Says::yes},
           {"no-port-forwarding", Reach::agent, "", 0, Says::yes},
           {"permitlisten=\"8080\"", Reach::agent, "", 0, Says::yes},
       }) {
    Listen listen{1, "", reach, host, port};
    EXPECT_EQ(says(may_listen(listen, options_of(options), kOpen)), expected)
        << options << " " << host;
    EXPECT_EQ(says(may_listen(listen, options_of(options), kOff)), Says::not_permitted);
  }
  EXPECT_EQ(says(may_listen({1, "", kTcp, "*", 1}, {}, kGateway)), Says::yes);
  EXPECT_EQ(says(may_listen({1, "", kTcp, "::", 1}, {}, kGateway)), Says::yes);
  EXPECT_EQ(says(may_listen({1, "", kTcp, "*", 1}, options_of("permitlisten=\"2\""), kGateway)),
            Says::not_permitted);
  EXPECT_EQ(says(may_listen({1, "", kTcp, "*", 2}, options_of("permitlisten=\"2\""), kGateway)),
            Says::yes);
}

}  // namespace
}  // namespace nigh::server
