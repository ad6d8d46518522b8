// SPDX-License-Identifier: Apache-2.0
#include "server/worker/listeners.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Listen unix_socket(RequestId request, const std::string& path) {
  return {request, "", Reach::unix_socket, path, 0};
}

TEST(ListenersTest, TheFileOfASocketIsPrivateAndGoesWithIt) {
  for_test::Folder folder;
  auto one = folder / "one", two = folder / "two", three = folder / "three";
  int front = 0, other = 0;
  {
    Listeners listeners;
    ASSERT_TRUE(listeners.listen(&front, unix_socket(1, one)));
    ASSERT_TRUE(listeners.listen(&front, unix_socket(2, two)));
    ASSERT_TRUE(listeners.listen(&other, unix_socket(1, three)));
    struct stat status{};
    ASSERT_EQ(::stat(one.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    listeners.close(&front, 1);
    EXPECT_FALSE(exists(one));
    EXPECT_TRUE(exists(two));
    listeners.close_all(&front);
    EXPECT_FALSE(exists(two));
    EXPECT_TRUE(exists(three));
  }
  EXPECT_FALSE(exists(three));
}

TEST(ListenersTest, OnlyASocketThatNobodyListensOnMakesWay) {
  for_test::Folder folder;
  Listeners listeners;
  auto file = folder.write("file", "precious"), path = folder / "socket";
  EXPECT_EQ(listeners.listen(nullptr, unix_socket(1, file)).error().trouble, Trouble::in_use);
  EXPECT_TRUE(exists(file));
  auto alive = listeners.listen(nullptr, unix_socket(2, path));
  ASSERT_TRUE(alive);
  EXPECT_EQ(listeners.listen(nullptr, unix_socket(3, path)).error().trouble, Trouble::in_use);
  alive->reset();
  ASSERT_TRUE(listeners.listen(nullptr, unix_socket(4, path)));
  listeners.close(nullptr, 2);  // whose file is not that any more
  EXPECT_TRUE(exists(path));
  EXPECT_EQ(listeners.listen(nullptr, unix_socket(5, "relative")).error().trouble,
            Trouble::bad_request);
  EXPECT_EQ(listeners.listen(nullptr, unix_socket(6, folder / "no/such")).error().trouble,
            Trouble::not_found);
}

TEST(ListenersTest, PortsAreTakenOnce) {
  Listeners listeners;
  auto first = listeners.listen(nullptr, {1, "", Reach::tcp, "localhost", 0});
  ASSERT_TRUE(first);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(first->get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(address.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  const std::uint32_t port = ntohs(address.sin_port);
  EXPECT_EQ(listeners.listen(nullptr, {2, "", Reach::tcp, "127.0.0.1", port}).error().trouble,
            Trouble::in_use);
  EXPECT_TRUE(listeners.listen(nullptr, {3, "", Reach::tcp, "*", 0}));
  EXPECT_EQ(listeners.listen(nullptr, {4, "", Reach::tcp, "203.0.113.1", 0}).error().trouble,
            Trouble::bad_request);
}

}  // namespace
}  // namespace nigh::server
