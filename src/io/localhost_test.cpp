// SPDX-License-Identifier: Apache-2.0
#include "io/localhost.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace nigh::io {
namespace {

bool connects(const asio::ip::address& address, std::uint16_t port) {
  asio::io_context context;
  tcp::socket socket(context);
  boost::system::error_code failed;
  socket.connect({address, port}, failed);
  return !failed;
}

bool has_ipv6() { return listen_at({asio::ip::address_v6::loopback(), 0}).has_value(); }

TEST(LocalhostTest, IsOnePortOfBothFamilies) {
  auto sockets = listen_at_localhost(0);
  ASSERT_TRUE(sockets);
  EXPECT_EQ(sockets->size(), has_ipv6() ? 2u : 1u);
  auto port = port_of(sockets->front().get());
  EXPECT_EQ(port_of(sockets->back().get()), port);
  EXPECT_TRUE(connects(asio::ip::address_v4::loopback(), port));
  EXPECT_EQ(connects(asio::ip::address_v6::loopback(), port), has_ipv6());
}

TEST(LocalhostTest, APortThatIsTakenAtEitherIsInUse) {
  for (bool v6 : {false, true}) {
    if (v6 && !has_ipv6()) continue;
    auto taken = listen_at({v6 ? asio::ip::address(asio::ip::address_v6::loopback())
                               : asio::ip::address(asio::ip::address_v4::loopback()),
                            0});
    ASSERT_TRUE(taken);
    auto sockets = listen_at_localhost(port_of(taken->get()));
    ASSERT_FALSE(sockets);
    EXPECT_EQ(sockets.error(), EADDRINUSE);
  }
}

// Says what happens at ::1, one attempt after the other; what follows is real.
struct Script {
  std::vector<int> at_v6;
  std::size_t tried = 0;
  std::vector<std::uint16_t> ports = {};

  std::expected<UniqueFd, int> operator()(const tcp::endpoint& where) {
    if (where.address().is_v4()) return listen_at(where);
    ports.push_back(where.port());
    if (tried < at_v6.size()) return std::unexpected(at_v6[tried++]);
    return UniqueFd();
  }
};

TEST(LocalhostTest, AnyPortIsOneThatIsFreeAtBoth) {
  Script script{{EADDRINUSE, EADDRINUSE}};
  auto sockets = listen_at_localhost(0, std::ref(script));
  ASSERT_TRUE(sockets);
  EXPECT_EQ(sockets->size(), 2u);
  ASSERT_EQ(script.ports.size(), 3u);
  EXPECT_EQ(script.ports.back(), port_of(sockets->front().get()));
}

TEST(LocalhostTest, AMachineWithoutIpv6ListensAtTheOther) {
  for (int why : {EADDRNOTAVAIL, EAFNOSUPPORT}) {
    Script script{{why}};
    auto sockets = listen_at_localhost(0, std::ref(script));
    ASSERT_TRUE(sockets);
    EXPECT_EQ(sockets->size(), 1u);
  }
}

TEST(LocalhostTest, WhatIsNotPermittedIsTold) {
  Script script{{EACCES}};
  auto sockets = listen_at_localhost(0, std::ref(script));
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error(), EACCES);
}

}  // namespace
}  // namespace nigh::io
