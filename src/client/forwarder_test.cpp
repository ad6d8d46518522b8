// SPDX-License-Identifier: Apache-2.0
#include "client/forwarder.hpp"

#include <gmock/gmock.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <nigh/async.hpp>

#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::client {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;

constexpr auto kTarget = "db:5432";
constexpr auto kName = "k3x9q2mbT0uZ5a7Qe1rWpA";

// Forwards a port of this machine to an echo behind the server.
class AForwarder : public testing::Test {
 protected:
  AForwarder() {
    std::vector<std::string> fingerprints;
    options_ = options_for_test(folder_, 1, fingerprints);
  }

  void play(awaitable<void> scenario) {
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, std::move(scenario), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
    });
    context_.run();
    EXPECT_FALSE(error) << error->message;
  }

  awaitable<async::Forwarding> forward(async::Host host) {
    ForwardEvents events;
    events.on_closed = [this](const ForwardedConnection& one) { ended(one); };
    events.on_failed = [this](const ForwardedConnection& one, const Error& why) {
      failure_ = why;
      ended(one);
    };
    auto forwarding =
        co_await host.forward({.local = {std::string("127.0.0.1:0:") + kTarget}}, events);
    port_ = unwrap(tunnel::parse_host_port(forwarding.listening().at(0).address)).port;
    co_return forwarding;
  }
  void ended(const ForwardedConnection& one) {
    ended_ = one;
    changed_.notify();
  }

  awaitable<tcp::socket> visit() {
    tcp::socket visitor(context_);
    co_await visitor.async_connect({asio::ip::address_v4::loopback(), port_}, asio::use_awaitable);
    co_return visitor;
  }
  static awaitable<void> send(tcp::socket& to, std::string text) {
    co_await asio::async_write(to, asio::buffer(text), asio::use_awaitable);
  }
  static awaitable<std::string> receive(tcp::socket& from, std::size_t size) {
    std::string text(size, '\0');
    co_await asio::async_read(from, asio::buffer(text), asio::use_awaitable);
    co_return text;
  }
  // How it goes on: what comes before the end, and how that is.
  static awaitable<std::string> receive_rest(tcp::socket& from,
                                             boost::system::error_code& how_it_ends) {
    std::string text;
    co_await asio::async_read(from, asio::dynamic_buffer(text),
                              asio::redirect_error(asio::use_awaitable, how_it_ends));
    co_return text;
  }

  awaitable<void> talk_and_end() {
    auto host = co_await async::connect(server_.address(), options_);
    auto forwarding = co_await forward(host);
    auto visitor = co_await visit();
    co_await send(visitor, "hello");
    visitor.shutdown(tcp::socket::shutdown_send);
    boost::system::error_code end;
    EXPECT_EQ(co_await receive_rest(visitor, end), "hello");
    EXPECT_EQ(end, asio::error::eof);
    co_await changed_.wait();
  }
  awaitable<void> talk_and_reset() {
    auto host = co_await async::connect(server_.address(), options_);
    auto forwarding = co_await forward(host);
    auto visitor = co_await visit();
    co_await send(visitor, "hello");
    EXPECT_EQ(co_await receive(visitor, 5), "hello");
    visitor.set_option(tcp::socket::linger(true, 0));
    visitor.close();
    co_await changed_.wait();
    co_await host.info();  // so the server has heard what went before
  }
  awaitable<void> be_refused() {
    auto host = co_await async::connect(server_.address(), options_);
    auto forwarding = co_await forward(host);
    auto visitor = co_await visit();
    boost::system::error_code end;
    EXPECT_EQ(co_await receive_rest(visitor, end), "");
    EXPECT_EQ(end, asio::error::connection_reset);
    co_await changed_.wait();
  }
  awaitable<void> talk_and_leave(int& goodbyes) {
    std::optional<tcp::socket> visitor;
    {
      auto host = co_await async::connect(server_.address(), options_);
      auto forwarding = co_await forward(host);
      visitor = co_await visit();
      co_await send(*visitor, "hello");
      EXPECT_EQ(co_await receive(*visitor, 5), "hello");
    }
    co_await async::leave();
    goodbyes = server_.goodbyes;
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::uint16_t port_ = 0;
  io::Wake changed_{context_.get_executor()};
  std::optional<ForwardedConnection> ended_;
  std::optional<Error> failure_;
};

TEST_F(AForwarder, CarriesBytesAndTheEndsOfBothHalves) {
  play(talk_and_end());
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->target, kTarget);
  EXPECT_EQ(ended_->sent, 5u);
  EXPECT_EQ(ended_->received, 5u);
  EXPECT_FALSE(failure_);
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(AForwarder, CarriesThemInATunnelThatSurvivesItsConnection) {
  server_.tunnel_name = kName;
  play(talk_and_end());
  ASSERT_TRUE(ended_);
  EXPECT_EQ(ended_->sent, 5u);
  EXPECT_EQ(ended_->received, 5u);
  EXPECT_FALSE(failure_);
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(AForwarder, MakesAResetHereOneOfTheTunnel) {
  for (const auto* name : {"", kName}) {
    server_.tunnel_name = name;
    context_.restart();
    play(talk_and_reset());
    ASSERT_TRUE(failure_);
    EXPECT_EQ(failure_->code, Errc::closed);
    EXPECT_THAT(server_.resets, Contains(Pair(kTarget, 1)));
    server_.resets.clear();
    failure_.reset();
  }
}

TEST_F(AForwarder, MakesARefusalThereAResetHere) {
  server_.tunnel_status = 502;
  play(be_refused());
  ASSERT_TRUE(failure_);
}

TEST_F(AForwarder, TellsAServerThatKeepsItsTunnelsThatItLeaves) {
  server_.tunnel_name = kName;
  int goodbyes = 0;
  play(talk_and_leave(goodbyes));
  EXPECT_EQ(goodbyes, 1);
}

}  // namespace
}  // namespace nigh::client
