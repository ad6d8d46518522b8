// SPDX-License-Identifier: Apache-2.0
#include "server/worker/listeners.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <filesystem>

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
  alive->clear();
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
  auto* to = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::getsockname(first->front().get(), to, &size), 0);
  EXPECT_EQ(address.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  const std::uint32_t port = ntohs(address.sin_port);
  EXPECT_EQ(listeners.listen(nullptr, {2, "", Reach::tcp, "127.0.0.1", port}).error().trouble,
            Trouble::in_use);
  EXPECT_EQ(listeners.listen(nullptr, {2, "", Reach::tcp, "localhost", port}).error().trouble,
            Trouble::in_use);
  EXPECT_TRUE(listeners.listen(nullptr, {3, "", Reach::tcp, "*", 0}));
  EXPECT_EQ(listeners.listen(nullptr, {4, "", Reach::tcp, "203.0.113.1", 0}).error().trouble,
            Trouble::bad_request);
}

Listen agent(RequestId request, const std::string& name = "") {
  return {request, "", Reach::agent, name, 0};
}

// The only folder in there.
std::filesystem::path only_in(const std::string& directory) {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    all.push_back(entry.path());
  return all.size() == 1 ? all[0] : std::filesystem::path();
}

TEST(ListenersTest, AnAgentsSocketHasAPrivateFolderThatGoesWithIt) {
  for_test::Folder folder;
  auto agents = folder / "agent";
  int front = 0, other = 0;
  Listeners listeners;
  listeners.keep_agents_in(agents);
  ASSERT_TRUE(listeners.listen(&front, agent(1)));
  auto one = only_in(agents);
  struct stat status{};
  ASSERT_EQ(::stat(one.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_TRUE(exists(one / "agent"));

  // A client that comes again with another connection; the server has not missed the first yet.
  ASSERT_TRUE(listeners.listen(&other, agent(7, one.filename())));
  listeners.close(&front, 1);
  EXPECT_TRUE(exists(one / "agent"));
  listeners.close(&other, 7);
  EXPECT_FALSE(exists(one));
}

TEST(ListenersTest, AnAgentsFolderCannotBeElsewhere) {
  for_test::Folder folder;
  int front = 0;
  Listeners listeners;
  listeners.keep_agents_in(folder / "agent");
  for (const auto* name : {".", "..", "../agentabcdefgh", "abcdefghijklmno/", "short"})
    EXPECT_EQ(listeners.listen(&front, agent(1, name)).error().trouble, Trouble::bad_request)
        << name;
}

TEST(ListenersTest, WhatAKilledWorkerLeftOfAgentsIsRemoved) {
  for_test::Folder folder;
  auto agents = folder / "agent";
  int front = 0;
  Listeners killed;
  killed.keep_agents_in(agents);
  auto socket = killed.listen(&front, agent(1));
  ASSERT_TRUE(socket);
  Listeners next;
  next.keep_agents_in(agents);
  EXPECT_TRUE(exists(only_in(agents))) << "somebody listens there";
  socket->clear();
  next.keep_agents_in(agents);
  EXPECT_TRUE(std::filesystem::is_empty(agents));
}

}  // namespace
}  // namespace nigh::server
