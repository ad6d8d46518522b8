// SPDX-License-Identifier: Apache-2.0
// Kept connections: what is typed, and what is shown.
#include <gmock/gmock.h>

#include "cli/kept_arguments.hpp"
#include "cli/kept_text.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

KeptConnection example() {
  KeptConnection kept;
  kept.address = "web1:7722";
  kept.server = {.version = "1.2.3",
                 .features = {},
                 .user = "ada",
                 .peer_address = "192.0.2.7:7722",
                 .tls_group = "X25519MLKEM768",
                 .tls_cipher = "TLS_AES_128_GCM_SHA256",
                 .host_fingerprint = "SHA256:host",
                 .key_fingerprint = "SHA256:key"};
  kept.round_trip = 21'340us;
  kept.since = std::chrono::system_clock::time_point(1'000'000s);
  kept.keep = 10min;
  kept.process = 42;
  return kept;
}

TEST(ParseStatusTest, TakesOneHostOrNone) {
  EXPECT_EQ(parse_status({})->host, "");
  auto one = parse_status({"--json", "web1"});
  EXPECT_TRUE(one->json && one->host == "web1");
  EXPECT_THAT(parse_status({"a", "b"}).error().message, HasSubstr("one word too many"));
}

TEST(ParseDisconnectTest, TakesHostsOrAll) {
  EXPECT_THAT(parse_disconnect({"a", "--drain", "b"})->hosts, ElementsAre("a", "b"));
  EXPECT_TRUE(parse_disconnect({"--all"})->all);
  EXPECT_THAT(parse_disconnect({}).error().message, HasSubstr("no host"));
  EXPECT_THAT(parse_disconnect({"--all", "a"}).error().message, HasSubstr("name none"));
  EXPECT_THAT(parse_disconnect({""}).error().message, HasSubstr("empty word"));
}

TEST(KeptTextTest, SaysWhoUsesItOrWhenItEnds) {
  auto kept = example();
  auto now = kept.since + 90min;
  kept.clients = 1;
  kept.streams = 3;
  auto used = kept_text(kept, now, Style(false));
  EXPECT_THAT(used, HasSubstr("web1:7722\n"));
  EXPECT_THAT(used, HasSubstr("1.3 X25519MLKEM768 TLS_AES_128_GCM_SHA256\n"));
  EXPECT_THAT(used, HasSubstr("21.3 ms\n"));
  EXPECT_THAT(used, HasSubstr("1 h 30 min ago\n"));
  EXPECT_THAT(used, HasSubstr("by 1 command, 3 streams; then kept for 10 min\n"));
  kept.ends = now + 90s;
  EXPECT_THAT(kept_text(kept, now, Style(false)), HasSubstr("ends in 1 min 30 s\n"));
  kept.ends = now - 1s;
  EXPECT_THAT(kept_text(kept, now, Style(false)), HasSubstr("ends in a moment\n"));
}

TEST(KeptTextTest, WhatAServerSaysSteersNoTerminal) {
  auto kept = example();
  kept.server.version = "1\x1b[2J\xff";
  EXPECT_THAT(kept_text(kept, kept.since, Style(false)), Not(HasSubstr("\x1b")));
  EXPECT_THAT(kept_json(kept), Not(HasSubstr("\x1b")));
}

TEST(KeptJsonTest, HoldsAllOfIt) {
  EXPECT_EQ(kept_json(example()),
            R"({"address":"web1:7722","user":"ada","peer":"192.0.2.7:7722","version":"1.2.3",)"
            R"("tls":"1.3","group":"X25519MLKEM768","cipher":"TLS_AES_128_GCM_SHA256",)"
            R"("host_key":"SHA256:host","key":"SHA256:key","round_trip_ms":21.34,)"
            R"("since":"1970-01-12T13:46:40.000Z","clients":0,"streams":0,"keep_seconds":600.0,)"
            R"("ends":null,"process":42})");
}

}  // namespace
}  // namespace nigh::cli
