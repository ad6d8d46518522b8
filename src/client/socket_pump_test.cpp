// SPDX-License-Identifier: Apache-2.0
#include "client/socket_pump.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/write.hpp>

#include "io/loopback_for_test.hpp"

namespace nigh::client {
namespace {

using Next = http2::BodySource::Next;
using io::for_test::connected_pair;

// A tunnel whose other end is the test's.
class FakeTunnel final : public TunnelEnd {
 public:
  explicit FakeTunnel(asio::io_context& context) : context_(context) {}
  asio::any_io_executor executor() const override { return context_.get_executor(); }
  void attach(TunnelPeer* peer) override { peer_ = peer; }
  void resume() override { ++resumed; }
  void consume(std::size_t count) override { consumed += count; }
  void reset() override { was_reset = true; }
  bool over() const override { return over_; }
  const std::optional<Error>& failure() const override { return failure_; }
  std::uint64_t received() const override { return 0; }
  std::uint64_t sent() const override { return 0; }

  TunnelPeer& peer() { return *peer_; }
  bool has_peer() const { return peer_ != nullptr; }
  // What the socket has to say, and how that goes on.
  std::string read(Next& next) {
    std::string all;
    std::array<char, 4096> into;
    for (;;) {
      auto chunk = peer_->give(into);
      all.append(into.data(), chunk.size);
      next = chunk.next;
      if (next != Next::more) return all;
    }
  }
  void end(std::optional<Error> failure = {}) {
    over_ = true;
    failure_ = std::move(failure);
    peer_->over();
  }

  int resumed = 0;
  std::size_t consumed = 0;
  bool was_reset = false;

 private:
  asio::io_context& context_;
  TunnelPeer* peer_ = nullptr;
  bool over_ = false;
  std::optional<Error> failure_;
};

struct Play {
  explicit Play(std::string first = "") {
    auto [a, b] = connected_pair(context);
    a.non_blocking(true);
    program.emplace(std::move(b));
    program->non_blocking(true);
    pump.emplace(tunnel, UniqueFd(a.release()), std::move(first));
    auto ended = [this](std::exception_ptr failure) {
      over = true;
      if (failure) error = io::to_error(failure);
    };
    asio::co_spawn(context, pump->run(), asio::bind_cancellation_slot(stop.slot(), ended));
  }
  // The program's socket is no part of the loop.
  template <class Condition>
  void until(Condition done) {
    while (!done()) {
      context.restart();
      context.poll();
    }
  }
  // Of what the program reads; its end or why it cannot is in `read_end`.
  std::string heard(std::size_t size) {
    std::string all;
    until([&] {
      std::array<char, 4096> into;
      auto n = program->read_some(asio::buffer(into), read_end);
      all.append(into.data(), n);
      return all.size() >= size || (read_end && read_end != asio::error::would_block);
    });
    return all;
  }
  void reset_by_program() {
    program->set_option(tcp::socket::linger(true, 0));
    program->close();
  }

  asio::io_context context{1};
  FakeTunnel tunnel{context};
  std::optional<tcp::socket> program;
  std::optional<SocketPump> pump;
  boost::system::error_code read_end;
  asio::cancellation_signal stop;
  bool over = false;
  std::optional<Error> error;
};

TEST(SocketPumpTest, WhatWasReadBeforeGoesFirst) {
  Play play("before ");
  asio::write(*play.program, asio::buffer(std::string("and after")));
  std::string said;
  auto next = Next::more;
  play.until([&] {
    said += play.tunnel.read(next);
    return said.size() >= 16;
  });
  EXPECT_EQ(said, "before and after");
  EXPECT_EQ(next, Next::wait);
}

TEST(SocketPumpTest, PaysBackWhatTheSocketTook) {
  Play play;
  play.tunnel.peer().take("hello");
  EXPECT_EQ(play.heard(5), "hello");
  play.until([&] { return play.tunnel.consumed == 5; });
}

TEST(SocketPumpTest, EndsWhenBothHalvesHave) {
  Play play;
  play.tunnel.peer().take("last");
  play.tunnel.peer().take_end();
  EXPECT_EQ(play.heard(4), "last");
  EXPECT_EQ(play.heard(1), "");
  EXPECT_EQ(play.read_end, asio::error::eof);
  asio::write(*play.program, asio::buffer(std::string("answer")));
  play.program->shutdown(tcp::socket::shutdown_send);
  std::string said;
  auto next = Next::more;
  play.until([&] {
    said += play.tunnel.read(next);
    return next == Next::end;
  });
  EXPECT_EQ(said, "answer");
  EXPECT_FALSE(play.over);
  play.tunnel.end();
  play.until([&] { return play.over; });
  EXPECT_FALSE(play.error);
  EXPECT_FALSE(play.tunnel.was_reset);
}

TEST(SocketPumpTest, AProgramThatResetsResetsTheTunnel) {
  Play play;
  play.reset_by_program();
  auto next = Next::more;
  play.until([&] {
    (void)play.tunnel.read(next);
    return play.over;
  });
  EXPECT_EQ(play.error->code, Errc::closed);
  EXPECT_TRUE(play.tunnel.was_reset);
}

TEST(SocketPumpTest, ATunnelThatBreaksResetsTheProgram) {
  Play play;
  play.tunnel.end(Error{Errc::closed, "it was reset"});
  play.until([&] { return play.over; });
  EXPECT_EQ(play.error->message, "it was reset");
  play.pump.reset();
  EXPECT_EQ(play.heard(1), "");
  EXPECT_EQ(play.read_end, asio::error::connection_reset);
}

TEST(SocketPumpTest, WhoeverEndsItBeforeResetsTheProgram) {
  Play play;
  play.tunnel.peer().take("unread");
  play.stop.emit(asio::cancellation_type::terminal);
  play.until([&] { return play.over; });
  EXPECT_EQ(play.error->code, Errc::cancelled);
  play.pump.reset();
  EXPECT_FALSE(play.tunnel.has_peer());
  EXPECT_EQ(play.tunnel.consumed, 6u) << "the window is given back";
  (void)play.heard(100);
  EXPECT_EQ(play.read_end, asio::error::connection_reset);
}

}  // namespace
}  // namespace nigh::client
