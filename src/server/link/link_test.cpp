// SPDX-License-Identifier: Apache-2.0
#include "server/link/link.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nigh::server {
namespace {

struct Ends {
  Ends() : Ends(Link::make_pair().value()) {}
  explicit Ends(std::pair<UniqueFd, UniqueFd> pair)
      : a(std::move(pair.first)), b(std::move(pair.second)) {}
  Link a, b;
};

std::string received(Link& link) { return link.receive().value().value().bytes; }

TEST(LinkTest, PacketsKeepTheirBoundariesAndOrder) {
  Ends ends;
  EXPECT_FALSE(ends.b.receive().value().has_value()) << "nothing yet";
  ends.a.send("one");
  ends.a.send(std::string(kMaxPacket, 'x'));
  ends.b.send("back");
  EXPECT_EQ(received(ends.b), "one");
  EXPECT_EQ(received(ends.b), std::string(kMaxPacket, 'x'));
  EXPECT_FALSE(ends.b.receive().value().has_value());
  EXPECT_EQ(received(ends.a), "back");
}

TEST(LinkTest, DescriptorsTravelWithTheirPacket) {
  Ends ends;
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  UniqueFd reader(pipe_ends[0]);
  std::vector<UniqueFd> three;
  three.emplace_back(pipe_ends[1]);
  three.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  three.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ends.a.send("three", std::move(three));
  ends.a.send("none");
  EXPECT_EQ(::fcntl(pipe_ends[1], F_GETFD), -1) << "ours is closed once it is sent";

  auto packet = ends.b.receive().value().value();
  ASSERT_EQ(packet.descriptors.size(), 3u);
  for (const auto& descriptor : packet.descriptors)
    EXPECT_TRUE(::fcntl(descriptor.get(), F_GETFD) & FD_CLOEXEC);
  ASSERT_EQ(::write(packet.descriptors[0].get(), "w", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'w');
  EXPECT_TRUE(ends.b.receive().value().value().descriptors.empty());
}

TEST(LinkTest, WhatASlowPeerDoesNotTakeIsKeptInOrder) {
  Ends ends;
  int sent = 0;
  for (; !ends.a.pending(); ++sent) ends.a.send(std::to_string(sent) + std::string(50'000, '.'));
  for (int more = 0; more < 100; ++more, ++sent) ends.a.send(std::to_string(sent) + ".");
  EXPECT_TRUE(ends.a.pending());
  for (int i = 0; i < sent; ++i) {
    auto packet = ends.b.receive().value();
    if (!packet) {
      ASSERT_TRUE(ends.a.flush());
      packet = ends.b.receive().value();
    }
    ASSERT_TRUE(packet.has_value());
    ASSERT_EQ(packet->bytes.substr(0, packet->bytes.find('.')), std::to_string(i));
  }
  EXPECT_FALSE(ends.a.pending());
}

TEST(LinkTest, ThePeersEndComesAfterItsLastPacket) {
  Ends ends;
  ends.a.send("last");
  ends.a = Link(UniqueFd());
  EXPECT_EQ(received(ends.b), "last");
  EXPECT_EQ(ends.b.receive().error().code, Errc::closed);
  ends.b.send("to nobody");
  EXPECT_FALSE(ends.b.pending()) << "what nobody will take is not kept";
}

TEST(LinkTest, APacketOrASetOfDescriptorsThatIsTooLargeIsMalformed) {
  auto [mine, theirs] = Link::make_pair().value();
  Link link(std::move(theirs));
  int roomy = 1 << 20;
  ::setsockopt(mine.get(), SOL_SOCKET, SO_SNDBUF, &roomy, sizeof roomy);
  std::string large(kMaxPacket + 1, 'x');
  ASSERT_EQ(::send(mine.get(), large.data(), large.size(), 0), static_cast<ssize_t>(large.size()));
  EXPECT_EQ(link.receive().error().code, Errc::malformed);

  char control[CMSG_SPACE(sizeof(int) * (kMaxDescriptors + 1))]{};
  msghdr message{};
  iovec data{large.data(), 1};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * (kMaxDescriptors + 1));
  for (std::size_t i = 0; i <= kMaxDescriptors; ++i)
    reinterpret_cast<int*>(CMSG_DATA(header))[i] = mine.get();
  ASSERT_EQ(::sendmsg(mine.get(), &message, 0), 1);
  EXPECT_EQ(link.receive().error().code, Errc::malformed);
}

}  // namespace
}  // namespace nigh::server
