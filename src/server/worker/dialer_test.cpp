// SPDX-License-Identifier: Apache-2.0
#include "server/worker/dialer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/ip/udp.hpp>
#include <optional>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

using Dialled = std::expected<UniqueFd, Refusal>;

struct Play {
  void dial(Reach reach, const std::string& host, std::uint32_t port) {
    answer.reset();
    dialer.dial(this, Dial{1, "", reach, host, port},
                [this](Dialled dialled) { answer = std::move(dialled); });
  }
  Trouble trouble(Reach reach, const std::string& host, std::uint32_t port) {
    dial(reach, host, port);
    context.restart();
    context.run();
    EXPECT_TRUE(answer && !*answer) << host;
    EXPECT_FALSE(answer->error().message.empty());
    return answer->error().trouble;
  }
  const UniqueFd& socket(Reach reach, const std::string& host, std::uint32_t port) {
    dial(reach, host, port);
    context.restart();
    context.run();
    EXPECT_TRUE(answer && *answer) << host;
    EXPECT_TRUE(::fcntl((*answer)->get(), F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(::fcntl((*answer)->get(), F_GETFD) & FD_CLOEXEC);
    return **answer;
  }

  asio::io_context context{1};
  Dialer dialer{context.get_executor()};
  std::optional<Dialled> answer;
};

tcp::endpoint loopback() { return {asio::ip::make_address("127.0.0.1"), 0}; }

TEST(DialerTest, ConnectsToNamesAndAddresses) {
  Play play;
  asio::io_context other;
  tcp::acceptor open(other, loopback());
  auto port = open.local_endpoint().port();
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto& socket = play.socket(Reach::tcp, host, port);
    int on = 0;
    socklen_t size = sizeof on;
    ::getsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
    EXPECT_NE(on, 0);
    // A target may stop to read for as long as it likes.
    int limit = -1;
    ::getsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, &size);
    EXPECT_EQ(limit, 0);
    auto accepted = open.accept();
    EXPECT_EQ(::write(socket.get(), "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(::read(accepted.native_handle(), &byte, 1), 1);
  }
}

TEST(DialerTest, SaysWhyItCannotConnect) {
  Play play;
  asio::io_context other;
  tcp::socket bound(other, loopback());  // and not listening
  EXPECT_EQ(play.trouble(Reach::tcp, "127.0.0.1", bound.local_endpoint().port()), Trouble::refused);
  EXPECT_EQ(play.trouble(Reach::tcp, "255.255.255.255", 1), Trouble::unreachable);
  auto no_name = std::string(64, 'x') + ".invalid";
  EXPECT_EQ(play.trouble(Reach::tcp, no_name, 1), Trouble::name_not_found);
  EXPECT_EQ(play.trouble(Reach::udp, no_name, 1), Trouble::name_not_found);
}

TEST(DialerTest, HasAnEnd) {
  asio::io_context other;
  tcp::acceptor open(other, loopback());
  Play play;
  Dialer hurried(play.context.get_executor(), std::chrono::seconds(0));
  hurried.dial(&play, Dial{1, "", Reach::tcp, "127.0.0.1", open.local_endpoint().port()},
               [&](Dialled dialled) { play.answer = std::move(dialled); });
  play.context.run();
  ASSERT_TRUE(play.answer && !*play.answer);
  EXPECT_EQ(play.answer->error().trouble, Trouble::timed_out);
}

TEST(DialerTest, UnixSocketsAreThereOrNot) {
  Play play;
  for_test::Folder folder;
  auto path = folder / "socket";
  EXPECT_EQ(play.trouble(Reach::unix_socket, path, 0), Trouble::not_found);
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(play.trouble(Reach::unix_socket, path, 0), Trouble::refused);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  play.socket(Reach::unix_socket, path, 0);
}

TEST(DialerTest, DatagramsGoToTheOneTarget) {
  Play play;
  asio::io_context other;
  asio::ip::udp::socket target(other, {asio::ip::make_address("127.0.0.1"), 0});
  const auto& socket = play.socket(Reach::udp, "localhost", target.local_endpoint().port());
  EXPECT_EQ(::send(socket.get(), "x", 1, 0), 1);
}

TEST(DialerTest, WhatIsAbandonedIsNotAnswered) {
  Play play;
  asio::io_context other;
  tcp::acceptor open(other, loopback());
  play.dial(Reach::tcp, "127.0.0.1", open.local_endpoint().port());
  EXPECT_FALSE(play.dialer.abandon(&play, 2));
  EXPECT_FALSE(play.dialer.abandon(&open, 1));
  EXPECT_TRUE(play.dialer.abandon(&play, 1));
  play.dial(Reach::tcp, "localhost", open.local_endpoint().port());
  play.dialer.abandon_all(&play);
  play.context.run();
  EXPECT_FALSE(play.answer);
}

}  // namespace
}  // namespace nigh::server
