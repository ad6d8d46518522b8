// SPDX-License-Identifier: Apache-2.0
// Tunnels that survive their connections, on both sides of the move from one front to another.
#include "server/front/kept_tunnel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/loopback_for_test.hpp"
#include "server/front/kept_tunnels.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

struct Stream : KeptTunnel::Carrier {
  void resume() override { resumed = true; }
  void consume(std::size_t count) override { consumed += count; }
  void on_broken() override { broken = true; }
  void on_taken() override { taken = true; }

  bool resumed = false, broken = false, taken = false;
  std::size_t consumed = 0;
};

// The client's end.
struct Client : tunnel::ResumableTaker {
  void on_bytes(std::string_view piece) override { heard += piece; }
  void on_end() override { ended = true; }
  void say(KeptTunnel& to, std::string_view text) {
    end.append(text);
    pass(to);
  }
  void pass(KeptTunnel& to) {
    std::string frames(4096, '?');
    frames.resize(end.fill(frames));
    sent += frames.size();
    EXPECT_TRUE(to.receive(frames));
  }
  void take(KeptTunnel& from) {
    std::string frames(4096, '?');
    frames.resize(from.read(frames).size);
    auto taken = end.receive(frames, *this);
    EXPECT_TRUE(taken) << taken.error().message;
  }

  tunnel::ResumableEnd end;
  std::string heard;
  bool ended = false;
  std::size_t sent = 0;
};

struct KeptTunnelTest : testing::Test {
  KeptTunnelTest() {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0,
           "a pair of sockets");
    socket = UniqueFd(ends[0]);
    target = UniqueFd(ends[1]);
  }
  std::shared_ptr<KeptTunnel> open() {
    auto tunnel = here.add({"id", "SHA256:x"}, std::move(socket));
    EXPECT_TRUE(tunnel->attach(stream, 0));
    return tunnel;
  }
  std::string at_target() {
    std::string all;
    char text[4096];
    for (ssize_t n; (n = ::read(target.get(), text, sizeof text)) > 0;)
      all.append(text, static_cast<std::size_t>(n));
    return all;
  }
  void target_says(std::string_view text) {
    ASSERT_EQ(::write(target.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool target_is_closed() {
    char byte;
    return ::read(target.get(), &byte, 1) == 0;
  }
  // The same tunnel at another front, whose client has received so much.
  std::shared_ptr<KeptTunnel> move_there() {
    auto pair = unwrap(Link::make_pair());
    here.surrender({"id", "SHA256:x"}, std::move(pair.first));
    KeptTunnel::Estate estate;
    bool complete = false;
    AsyncLink<TunnelHandover, TunnelHandover> link(
        context.get_executor(), std::move(pair.second),
        {[&](TunnelHandover message, std::vector<UniqueFd> sockets) {
           if (const auto* facts = std::get_if<TunnelFacts>(&message)) {
             estate.state = {facts->begin, facts->ended, facts->received, facts->received_end};
             estate.socket = std::move(sockets.at(0));
           } else if (const auto* bytes = std::get_if<TunnelBytes>(&message)) {
             (bytes->to_target ? estate.unsent : estate.kept) += bytes->bytes;
           } else {
             complete = true;
           }
         },
         [](const Error&) {}});
    io::for_test::run_until(context, [&] { return complete; });
    return there.add({"id", "SHA256:x"}, std::move(estate));
  }

  asio::io_context context{1};
  KeptTunnels here{context.get_executor()}, there{context.get_executor()};
  UniqueFd socket, target;
  Stream stream;
  Client client;
};

TEST_F(KeptTunnelTest, BytesPassAndWhatIsGoneIsPaidBack) {
  auto tunnel = open();
  client.say(*tunnel, "question");
  EXPECT_EQ(at_target(), "question");
  EXPECT_EQ(stream.consumed, client.sent);
  target_says("answer");
  client.take(*tunnel);
  EXPECT_EQ(client.heard, "answer");
}

TEST_F(KeptTunnelTest, WhatATargetSaysBeforeItResetsIsDelivered) {
  auto tunnel = open();
  client.say(*tunnel, "not read, so that to close is to reset");
  target_says("busy");
  target.reset();
  client.take(*tunnel);
  EXPECT_EQ(client.heard, "busy");
  EXPECT_FALSE(stream.broken);
  char more[4096];
  EXPECT_EQ(tunnel->read(more).size, 0u);
  EXPECT_TRUE(stream.broken);
}

TEST_F(KeptTunnelTest, GoesOnOverAnotherStream) {
  auto tunnel = open();
  target_says("lost ");
  char nowhere[4096];
  EXPECT_GT(tunnel->read(nowhere).size, 0u);
  here.park("id", 600s);
  target_says("and found");

  EXPECT_EQ(here.find({"id", "SHA256:other"}), nullptr);
  EXPECT_EQ(here.find({"other", "SHA256:x"}), nullptr);
  ASSERT_EQ(here.find({"id", "SHA256:x"}), tunnel);
  Stream next;
  ASSERT_TRUE(client.end.go_on(tunnel->received()));
  ASSERT_TRUE(tunnel->attach(next, client.end.received()));
  client.take(*tunnel);
  EXPECT_EQ(client.heard, "lost and found");
  EXPECT_FALSE(next.broken);
}

TEST_F(KeptTunnelTest, ReadsOnWhenWhatIsKeptHasArrived) {
  auto tunnel = open();
  const std::string piece(32 * 1024, 'k');
  std::string frames(64 * 1024, '?'), last;
  while (tunnel->kept() < tunnel::ResumableEnd::kCapacity) {
    target_says(piece);
    for (std::size_t size; (size = tunnel->read(frames).size) > 0;)
      ASSERT_TRUE(client.end.receive(std::string_view(frames).substr(0, size), client));
  }
  (void)::write(target.get(), "more", 4);
  EXPECT_EQ(tunnel->read(frames).size, 0u);
  stream.resumed = false;
  client.end.ack_now();
  client.pass(*tunnel);
  EXPECT_TRUE(stream.resumed);  // nothing else will wake it
  client.take(*tunnel);
  EXPECT_TRUE(client.heard.ends_with("kmore"));
}

TEST_F(KeptTunnelTest, AnEarlierStreamIsToldThatItLostTheTunnel) {
  auto tunnel = open();
  Stream next;
  ASSERT_TRUE(tunnel->attach(next, 0));
  EXPECT_TRUE(stream.taken);
  EXPECT_FALSE(stream.broken);
}

TEST_F(KeptTunnelTest, WhatItsClientCannotHaveReceivedIsRefused) {
  auto tunnel = open();
  Stream next;
  EXPECT_FALSE(tunnel->attach(next, 1));
}

TEST_F(KeptTunnelTest, MovesToAnotherFrontWithAllThatIsOnItsWay) {
  const int small = 4096;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  auto tunnel = open();
  const std::string much(100'000, 'm');
  client.end.append(much);
  while (client.end.has_output()) client.pass(*tunnel);
  client.end.end();
  client.pass(*tunnel);
  target_says("not acknowledged");
  char nowhere[4096];
  EXPECT_GT(tunnel->read(nowhere).size, 0u);
  tunnel.reset();

  auto moved = move_there();
  EXPECT_TRUE(stream.taken);
  EXPECT_EQ(here.find({"id", "SHA256:x"}), nullptr);
  Stream next;
  ASSERT_TRUE(client.end.go_on(moved->received()));
  ASSERT_TRUE(moved->attach(next, client.end.received()));
  EXPECT_FALSE(client.end.has_output());
  client.take(*moved);
  EXPECT_EQ(client.heard, "not acknowledged");
  std::string arrived;
  io::for_test::run_until(context, [&] {
    arrived += at_target();
    return arrived.size() >= much.size();
  });
  EXPECT_EQ(arrived, much);
  io::for_test::run_until(context, [&] { return target_is_closed(); });
  EXPECT_EQ(next.consumed, 0u);  // all of it came over the first
}

TEST_F(KeptTunnelTest, NobodyElseGetsItFromThisFront) {
  auto tunnel = open();
  auto pair = unwrap(Link::make_pair());
  here.surrender({"id", "SHA256:other"}, std::move(pair.first));
  char byte;
  EXPECT_EQ(::recv(pair.second.get(), &byte, 1, 0), 0);  // it says nothing, and closes
  EXPECT_FALSE(stream.taken);
}

TEST_F(KeptTunnelTest, WithoutAConnectionItLastsForAWhile) {
  open();
  here.park("id", 0s);
  io::for_test::run_until(context, [&] { return target_is_closed(); });
  EXPECT_EQ(here.find({"id", "SHA256:x"}), nullptr);
}

TEST_F(KeptTunnelTest, FoundInTimeItIsNotDroppedLater) {
  auto tunnel = open();
  here.park("id", 0s);
  ASSERT_EQ(here.find({"id", "SHA256:x"}), tunnel);
  here.park("id", 600s);
  bool later = false;
  asio::post(context, [&] { asio::post(context, [&] { later = true; }); });
  io::for_test::run_until(context, [&] { return later; });
  EXPECT_EQ(here.find({"id", "SHA256:x"}), tunnel);
}

TEST_F(KeptTunnelTest, ATargetThatIsGoneBreaksIt) {
  auto tunnel = open();
  target.reset();
  client.say(*tunnel, "to nobody");
  char nowhere[4096];
  (void)tunnel->read(nowhere);
  EXPECT_TRUE(stream.broken);
}

TEST_F(KeptTunnelTest, WhatIsReceivedIsAcknowledgedSoon) {
  auto tunnel = open();
  client.say(*tunnel, "quiet");
  io::for_test::run_until(context, [&] { return stream.resumed; });
  client.take(*tunnel);
  EXPECT_EQ(client.end.kept(), 0u);
}

}  // namespace
}  // namespace nigh::server
