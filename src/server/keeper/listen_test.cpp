// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/listen.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/text.hpp"

namespace nigh::server {
namespace {

std::uint16_t port_of(const Listener& listener) {
  return static_cast<std::uint16_t>(
      std::stoi(listener.address.substr(listener.address.rfind(':') + 1)));
}

// A client of `address` (IPv4) at that port, and the port that it got itself.
std::pair<UniqueFd, std::uint16_t> connect_to(const char* address, std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &size);
  return {std::move(fd), ntohs(own.sin_port)};
}

bool has_ipv6() { return UniqueFd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)).valid(); }

TEST(ListenTest, PortZeroIsChosenAndShown) {
  auto listeners = listen_on("127.0.0.1:0").value();
  ASSERT_EQ(listeners.size(), 1u);
  EXPECT_TRUE(listeners[0].address.starts_with("127.0.0.1:"));
  EXPECT_GT(port_of(listeners[0]), 0);
}

TEST(ListenTest, AGuestIsNamedByItsAddressAndPort) {
  auto listeners = listen_on("127.0.0.1:0").value();
  EXPECT_FALSE(accept_from(listeners[0]).value().has_value()) << "nobody waits";
  auto [client, port] = connect_to("127.0.0.1", port_of(listeners[0]));
  auto guest = accept_from(listeners[0]).value();
  ASSERT_TRUE(guest.has_value());
  EXPECT_EQ(guest->source, "127.0.0.1");
  EXPECT_EQ(guest->port, port);
  EXPECT_TRUE(::fcntl(guest->socket.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(guest->socket.get(), F_GETFD) & FD_CLOEXEC);
}

// A client that is gone is noticed also while something is on its way to it.
TEST(ListenTest, AGuestThatDoesNotAnswerForAMinuteIsDead) {
  auto listeners = listen_on("127.0.0.1:0").value();
  auto client = connect_to("127.0.0.1", port_of(listeners[0]));
  auto guest = accept_from(listeners[0]).value();
  ASSERT_TRUE(guest.has_value());
  int milliseconds = 0;
  socklen_t size = sizeof milliseconds;
  ::getsockopt(guest->socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size);
  EXPECT_EQ(milliseconds, 60'000);
}

TEST(ListenTest, TheIpv6WildcardTakesIpv4AndNamesItAsSuch) {
  for (const char* where : {"[::]:0", "*:0", "0"}) {
    auto listeners = listen_on(where).value();
    ASSERT_EQ(listeners.size(), 1u) << where;
    EXPECT_TRUE(listeners[0].address.starts_with(has_ipv6() ? "[::]:" : "0.0.0.0:"));
    auto client = connect_to("127.0.0.1", port_of(listeners[0]));
    auto guest = accept_from(listeners[0]).value();
    ASSERT_TRUE(guest.has_value());
    EXPECT_EQ(guest->source, "127.0.0.1");
  }
}

TEST(ListenTest, WhatIsNoAddressIsQuotedWithTheFormToWrite) {
  for (std::string where : {"", ":", ":7722", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http",
                            "127.0.0.1:65536", "127.0.0.1:-1", "::1:7722", "[::1]", "[::1", "[]:1",
                            "65536", "99999999999999999999", "127.0.0.1:99999999999999999999"}) {
    auto error = listen_on(where).error();
    EXPECT_EQ(error.code, Errc::usage) << where;
    EXPECT_EQ(error.message,
              fmt::format("cannot listen on \"{}\": write ADDRESS:PORT, as in 127.0.0.1:7722 or "
                          "[::]:7722",
                          where));
  }
  EXPECT_EQ(listen_on("a\x1b:x").error().message.find('\x1b'), std::string::npos);
}

TEST(ListenTest, APortInUseAndAnAddressOfSomebodyElseAreToldApart) {
  auto first = listen_on("127.0.0.1:0").value();
  EXPECT_EQ(listen_on(first[0].address).error().message,
            "cannot listen on " + first[0].address + ": Address already in use");
  EXPECT_EQ(listen_on("192.0.2.1:0").error().message,
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST(ListenTest, AnIpv6AddressIsWrittenInBrackets) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
  auto listeners = listen_on("[::1]:0");
  if (!listeners) GTEST_SKIP() << "this machine has no ::1: " << listeners.error().message;
  EXPECT_TRUE(listeners->at(0).address.starts_with("[::1]:"));
}

}  // namespace
}  // namespace nigh::server
