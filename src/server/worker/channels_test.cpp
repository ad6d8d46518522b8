// SPDX-License-Identifier: Apache-2.0
// The way to the process of the channels, which a script plays: its socket is the test's.
#include "server/worker/channels.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>
#include <stdexcept>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

UniqueFd listen_at(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket.get(), 10), 0);
  return socket;
}

// A named pipe that is open at both ends, so that opening it waits for nobody.
UniqueFd make_gate(const std::string& path) {
  EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
}

struct Play {
  struct Answer {
    WorkerToFront message;
    std::vector<UniqueFd> descriptors;
  };

  // What the process does when it is started; it has let go of the link when it has ended.
  explicit Play(const std::string& script) {
    auto program = folder.write("program", "#!/bin/sh\nprintf x >> ../starts\n" + script, 0700);
    channels.emplace(context, folder.path(), ChannelsSettings{}, RoleProgram{program, "info"});
  }
  void open(RequestId request, Channels::Owner owner = nullptr) {
    channels->open(owner, request, [this, request](WorkerToFront message, auto descriptors) {
      EXPECT_FALSE(answers.contains(request)) << "answered twice";
      answers.emplace(request, Answer{std::move(message), std::move(descriptors)});
    });
  }
  // The answer to that request, once it is there.
  Answer& answer(RequestId request) {
    context.restart();
    while (!answers.contains(request))
      if (context.run_one() == 0) throw std::runtime_error("nothing is under way");
    return answers.at(request);
  }
  std::string failure(RequestId request) {
    const auto& said = answer(request);
    EXPECT_TRUE(said.descriptors.empty());
    const auto& failed = std::get<Failed>(said.message);
    EXPECT_EQ(failed.request, request);
    EXPECT_EQ(failed.trouble, Trouble::busy);
    return failed.message;
  }
  // Both descriptors are one socket to who listens there.
  void expect_connected(RequestId request, const UniqueFd& listener) {
    auto& said = answer(request);
    ASSERT_NE(std::get_if<Started>(&said.message), nullptr);
    EXPECT_EQ(std::get<Started>(said.message).request, request);
    ASSERT_EQ(said.descriptors.size(), 2u);
    UniqueFd peer(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_TRUE(peer.valid());
    for (const auto& descriptor : said.descriptors) {
      EXPECT_TRUE(::fcntl(descriptor.get(), F_GETFL) & O_NONBLOCK);
      EXPECT_EQ(::write(descriptor.get(), "x", 1), 1);
    }
    said.descriptors.clear();
    char bytes[4];
    EXPECT_EQ(::recv(peer.get(), bytes, sizeof bytes, MSG_WAITALL), 2);
  }
  std::size_t starts() const { return folder.read("starts").size(); }
  // A script may wait for that.
  void go() const { EXPECT_EQ(::write(gate.get(), "\n", 1), 1); }

  for_test::Folder folder;
  // Where the script finds the socket, and where it belongs.
  std::string made = folder / "made", there = folder / "channels/socket";
  UniqueFd gate = make_gate(folder / "gate");
  std::map<RequestId, Answer> answers;
  asio::io_context context{1};
  std::optional<Channels> channels;
};

constexpr char kListens[] = "exec /bin/mv ../made socket";
constexpr char kListensLater[] = "read go < ../gate\nexec /bin/mv ../made socket";

TEST(WorkerChannelsTest, WhoListensIsConnectedTo) {
  Play play(kListens);
  ASSERT_EQ(::mkdir((play.folder / "channels").c_str(), 0700), 0);
  auto listener = listen_at(play.there);
  for (RequestId request : {1, 2}) {
    play.open(request);
    play.expect_connected(request, listener);
  }
  EXPECT_EQ(play.starts(), 0u);
}

TEST(WorkerChannelsTest, OneProcessIsStartedForAllWhoWait) {
  Play play(kListensLater);
  auto listener = listen_at(play.made);
  for (RequestId request : {1, 2, 3}) play.open(request);
  EXPECT_TRUE(play.answers.empty());
  play.go();
  for (RequestId request : {1, 2, 3}) play.expect_connected(request, listener);
  EXPECT_EQ(play.starts(), 1u);
  EXPECT_EQ(for_test::mode_of(play.folder / "channels"), 0700u);
}

TEST(WorkerChannelsTest, AnotherIsStartedOnceTheFirstIsGone) {
  Play play(kListens);
  for (RequestId request : {1, 2}) {
    auto listener = listen_at(play.made);
    play.open(request);
    play.expect_connected(request, listener);
    EXPECT_EQ(play.starts(), request);
  }  // its name is there still, and nobody listens
}

TEST(WorkerChannelsTest, AProcessThatDoesNotStartIsSaidAndTheNextAskTriesAgain) {
  Play play("exit 1");
  for (RequestId request : {1, 3}) {
    play.open(request);
    play.open(request + 1);
    EXPECT_NE(play.failure(request).find("did not start"), std::string::npos);
    EXPECT_NE(play.failure(request + 1).find("did not start"), std::string::npos);
  }
  EXPECT_EQ(play.starts(), 2u);
}

TEST(WorkerChannelsTest, WhoHasAbandonedItHearsNothing) {
  Play play(kListensLater);
  auto listener = listen_at(play.made);
  const int front = 0, other = 0;
  play.open(1, &front);
  play.open(2, &front);
  play.open(3, &other);
  play.open(4, &other);
  play.channels->abandon(&front, 1);
  play.channels->abandon(&front, 4);  // not its own
  play.channels->abandon_all(&other);
  play.go();
  play.expect_connected(2, listener);
  EXPECT_EQ(play.answers.size(), 1u);
}

TEST(WorkerChannelsTest, WithoutADirectoryThereAreNone) {
  Play play(kListens);
  play.folder.write("channels", "a file");
  play.open(1);
  EXPECT_FALSE(play.failure(1).empty());
  EXPECT_EQ(play.starts(), 0u);
}

}  // namespace
}  // namespace nigh::server
