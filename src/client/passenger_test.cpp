// SPDX-License-Identifier: Apache-2.0
// What is carried for a connection that goes over others, to its last byte.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "client/socket_pump.hpp"
#include "client/way.hpp"
#include "io/loopback_for_test.hpp"

namespace nigh::client {
namespace {

using Next = http2::BodySource::Next;

// A tunnel whose other end is the test.
class OtherEnd final : public TunnelEnd {
 public:
  explicit OtherEnd(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  asio::any_io_executor executor() const override { return executor_; }
  void attach(TunnelPeer* who) override { peer = who; }
  void resume() override {}
  void consume(std::size_t count) override { consumed += count; }
  void reset() override {
    was_reset = ended = true;
    peer = nullptr;
  }
  bool over() const override { return ended; }
  const std::optional<Error>& failure() const override { return failure_; }
  std::uint64_t received() const override { return 0; }
  std::uint64_t sent() const override { return 0; }

  TunnelPeer* peer = nullptr;
  std::size_t consumed = 0;
  bool was_reset = false, ended = false;

 private:
  asio::any_io_executor executor_;
  std::optional<Error> failure_;
};

struct Play {
  explicit Play(OnBroken on_broken) {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "pair");
    near = UniqueFd(ends[0]);
    pump.emplace(tunnel, UniqueFd(ends[1]), "", on_broken);
    asio::co_spawn(context, pump->run(), [this](std::exception_ptr failure) {
      over = true;
      broken = failure != nullptr;
    });
  }
  // It says something and goes, without a look at what came for it.
  void say_and_leave() {
    tunnel.peer->take("unread");
    EXPECT_EQ(::write(near.get(), "last words", 10), 10);
    near.reset();
    tunnel.peer->take("too late");
  }
  // What goes into the tunnel, up to its end or to what there is now.
  std::string sent(Next& next) {
    std::string got;
    std::array<char, 4> some{};
    for (;;) {
      auto chunk = tunnel.peer->give(some);
      got.append(some.data(), chunk.size);
      next = chunk.next;
      if (next != Next::more) return got;
    }
  }

  asio::io_context context{1};
  OtherEnd tunnel{context.get_executor()};
  UniqueFd near;
  std::optional<SocketPump> pump;
  bool over = false, broken = false;
};

TEST(PassengerTest, ItsLastWordsAreCarriedAlthoughItReadsNothingMore) {
  Play play(OnBroken::finish);
  play.say_and_leave();
  auto next = Next::wait;
  EXPECT_EQ(play.sent(next), "last words");
  EXPECT_EQ(next, Next::end);
  play.tunnel.peer->take("and later");
  EXPECT_EQ(play.tunnel.consumed, std::string("unreadtoo lateand later").size());
  play.tunnel.peer->take_end();
  play.tunnel.ended = true;
  play.tunnel.peer->over();
  io::for_test::run_until(play.context, [&] { return play.over; });
  EXPECT_FALSE(play.broken);
  EXPECT_FALSE(play.tunnel.was_reset);
}

TEST(PassengerTest, AnyOtherSocketThatBreaksResetsItsTunnel) {
  Play play(OnBroken::reset);
  play.say_and_leave();
  io::for_test::run_until(play.context, [&] { return play.over; });
  EXPECT_TRUE(play.broken);
  EXPECT_TRUE(play.tunnel.was_reset);
}

TEST(LoopWaysTest, WhoEndsTheLoopWaitsForThoseUnderWay) {
  asio::io_context context(1);
  auto& ways = LoopWays::of(context.get_executor());
  auto passenger = std::make_shared<Passenger>(context.get_executor());
  auto forgotten = std::make_shared<Passenger>(context.get_executor());
  ways.add(passenger);
  ways.add(forgotten);
  forgotten.reset();
  bool arrived = false;
  asio::co_spawn(context, ways.until_arrived(), [&](std::exception_ptr failure) {
    EXPECT_FALSE(failure);
    arrived = true;
  });
  context.poll();
  EXPECT_FALSE(arrived);
  passenger->arrive();
  context.poll();
  EXPECT_TRUE(arrived);
}

}  // namespace
}  // namespace nigh::client
