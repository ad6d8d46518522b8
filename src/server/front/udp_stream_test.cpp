// SPDX-License-Identifier: Apache-2.0
// Datagrams, with a worker that is played by the test and a target that is real.
#include "server/front/udp_stream.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using tunnel::datagram_capsule;

struct Play : Visitor {
  Play() {
    log_in();
    start_worker();
    target = bound();
    handed = bound();
    join(handed, target);
    join(target, handed);
  }
  static UniqueFd bound() {
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    expect(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
           "bind");
    return socket;
  }
  static void join(const UniqueFd& from, const UniqueFd& to) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    auto* there = reinterpret_cast<sockaddr*>(&address);
    expect(::getsockname(to.get(), there, &size) == 0 && ::connect(from.get(), there, size) == 0,
           "connect");
  }
  Dial dial(const std::string& path = "/.well-known/masque/udp/192.0.2.6/443/") {
    auto fields = request("CONNECT", path, {{"capsule-protocol", "?1"}});
    fields.insert(fields.begin() + 1, {":protocol", "connect-udp"});
    id = send(fields, &body);
    return asked_of_worker<Dial>();
  }
  void connected(RequestId request) {
    std::vector<UniqueFd> one;
    one.push_back(std::move(handed));
    worker_says(Started{request, 0}, std::move(one));
    until([this] { return answers[id].field(":status") == "200"; });
  }
  void say(std::string_view bytes) {
    body.add(bytes);
    client.resume(id);
  }
  std::string heard() {
    char datagram[64 * 1024];
    ssize_t size = -1;
    until([&] { return (size = ::recv(target.get(), datagram, sizeof datagram, 0)) >= 0; });
    return {datagram, static_cast<std::size_t>(size)};
  }
  void answer_with(std::string_view text) { ::send(target.get(), text.data(), text.size(), 0); }

  UniqueFd handed, target;
  Body body{"", false};
  http2::StreamId id = 0;
};

TEST(UdpStreamTest, DatagramsKeepTheirBoundariesBothWays) {
  Play play;
  auto dial = play.dial();
  EXPECT_EQ(dial.reach, Reach::udp);
  EXPECT_EQ(dial.host, "192.0.2.6");
  EXPECT_EQ(dial.port, 443u);
  play.say(datagram_capsule("early"));
  play.connected(dial.request);
  EXPECT_EQ(play.answers[play.id].field("capsule-protocol"), "?1");
  EXPECT_EQ(play.heard(), "early");
  const std::string large(60'000, 'x');
  play.say(datagram_capsule("one") + datagram_capsule("") + datagram_capsule(large));
  EXPECT_EQ(play.heard(), "one");
  EXPECT_EQ(play.heard(), "");
  EXPECT_EQ(play.heard(), large);
  for (std::string_view text : {"a", "", "bc"}) play.answer_with(text);
  play.answer_with(large);
  auto expected = datagram_capsule("a") + datagram_capsule("") + datagram_capsule("bc") +
                  datagram_capsule(large);
  play.until([&] { return play.answers[play.id].body.size() >= expected.size(); });
  EXPECT_EQ(play.answers[play.id].body, expected);
}

TEST(UdpStreamTest, WithoutAWorkerItWaitsForTheNext) {
  Play play;
  auto first = play.dial();
  play.say(datagram_capsule("early"));
  play.worker.reset();
  play.settle();
  EXPECT_TRUE(play.answers[play.id].headers.empty());
  play.start_worker();
  auto again = play.asked_of_worker<Dial>();
  EXPECT_EQ(again.host, "192.0.2.6");
  EXPECT_EQ(again.reach, Reach::udp);
  EXPECT_NE(again.request, first.request);
  play.connected(again.request);
  EXPECT_EQ(play.heard(), "early");
}

TEST(UdpStreamTest, ATargetThatIsNotThereIsNoEnd) {
  Play play;
  play.connected(play.dial().request);
  auto elsewhere = std::move(play.target);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(elsewhere.get(), reinterpret_cast<sockaddr*>(&address), &size);
  elsewhere.reset();
  play.say(datagram_capsule("lost"));
  play.settle();
  // It comes back under the same number; what was told of the lost one loses no other.
  play.target = UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ASSERT_EQ(::bind(play.target.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  play.say(datagram_capsule("found"));
  EXPECT_EQ(play.heard(), "found");
}

TEST(UdpStreamTest, TheClientsEndIsTheEnd) {
  Play play;
  play.connected(play.dial().request);
  play.body.finish();
  play.client.resume(play.id);
  EXPECT_TRUE(play.answer(play.id).ended);
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kNoError);
}

TEST(UdpStreamTest, WhatIsNoCapsuleResetsTheStream) {
  Play play;
  play.connected(play.dial().request);
  play.say(std::string_view("\x00\x00", 2));
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kProtocolError);
}

TEST(UdpStreamTest, RefusalsAreProblems) {
  Play play;
  auto dial = play.dial("/.well-known/masque/udp/no.such.host/1/");
  play.worker_says(Failed{dial.request, Trouble::name_not_found, "no such host"});
  EXPECT_EQ(play.answer(play.id).field(":status"), "502");
  auto fields = request("CONNECT", "/.well-known/masque/udp/a/0/");
  fields.insert(fields.begin() + 1, {":protocol", "connect-udp"});
  EXPECT_EQ(play.status(fields), "400");
}

}  // namespace
}  // namespace nigh::server
