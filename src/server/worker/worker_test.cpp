// SPDX-License-Identifier: Apache-2.0
// A worker in this process, with a keeper and a front that are played by the test.
#include "server/worker/worker.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/folder_for_test.hpp"
#include "ssh/keys_for_test.hpp"
#include "ssh/random.hpp"

namespace nigh::server {
namespace {

// In the place of this program as nigh-files.
constexpr auto kFilesScript =
    "#!/bin/sh\n"
    "echo $# $1 $HOME $(pwd)\n"
    "exec cat\n";

struct Play {
  explicit Play(const std::string& authorized_keys = ssh::kKeyA, std::uint32_t processes = 100) {
    auto [ours, theirs] = Link::make_pair().value();
    worker.emplace(context, std::move(theirs),
                   RoleProgram{folder.write("files", kFilesScript, 0700), "warning"});
    keeper.emplace(std::move(ours));
    folder.write("authorized_keys", authorized_keys);
    keeper->send(wire::encode(ToWorker(
        WorkerSettings{folder / "authorized_keys", folder / "state", 600, processes, 3, {}})));
    add_front();
  }

  void add_front() {
    auto [ours, theirs] = Link::make_pair().value();
    std::vector<UniqueFd> one;
    one.push_back(std::move(theirs));
    keeper->send(wire::encode(ToWorker(WorkerFront())), std::move(one));
    front.emplace(std::move(ours));
  }

  // The next packet for one of the two, with the worker running meanwhile.
  Packet next(Link& link) {
    for (;;) {
      if (auto got = unwrap(link.receive())) return *std::move(got);
      context.run_one();
    }
  }
  template <class Message>
  Message answer() {
    packet = next(*front);
    auto message = wire::decode<WorkerToFront>(packet.bytes).value();
    if (const auto* failed = std::get_if<Failed>(&message); failed != nullptr)
      failure = failed->message;
    EXPECT_TRUE(std::holds_alternative<Message>(message)) << message.index() << " " << failure;
    return std::get<Message>(std::move(message));
  }
  template <class Message>
  Message ask(FrontToWorker message) {
    front->send(wire::encode(message));
    return answer<Message>();
  }
  Trouble trouble_of(FrontToWorker message) { return ask<Failed>(std::move(message)).trouble; }

  GrantId log_in() {
    LookUpKey question{1, own_account()->name, ssh::test_key(ssh::kKeyA).blob, "192.0.2.1"};
    keeper->send(wire::encode(ToWorker(question)));
    auto said = wire::decode<FromWorker>(next(*keeper).bytes).value();
    EXPECT_TRUE(std::get<LookedUp>(said).found) << std::get<LookedUp>(said).reason;
    return std::get<LookedUp>(said).grant;
  }
  StartFiles start_files(RequestId request = 1) {
    if (grant.empty()) grant = log_in();
    return {request, grant, "192.0.2.1 1 192.0.2.2 2"};
  }
  Start start(const std::string& line, RequestId request = 1) {
    if (grant.empty()) grant = log_in();
    Start message;
    message.request = request;
    message.grant = grant;
    message.argv = {"sh", "-c", line};
    message.directory = folder.path();
    return message;
  }

  asio::io_context context{1};
  for_test::Folder folder;
  std::optional<Worker> worker;
  std::optional<Link> keeper;
  std::optional<Link> front;
  Packet packet;  // the last that the front got
  std::string failure;
  GrantId grant;
};

std::string read_all(const UniqueFd& fd) {
  ::fcntl(fd.get(), F_SETFL, 0);
  std::string all;
  char chunk[1000];
  for (ssize_t n; (n = ::read(fd.get(), chunk, sizeof chunk)) > 0;)
    all.append(chunk, static_cast<std::size_t>(n));
  return all;
}

TEST(WorkerTest, AProcessIsHandedOverAsItsThreeDescriptorsAndItsEndIsTold) {
  Play play;
  auto started = play.ask<Started>(play.start("read x; echo out $x; echo err >&2; pwd; exit 3", 5));
  EXPECT_EQ(started.request, 5u);
  EXPECT_GT(started.pid, 0u);
  ASSERT_EQ(play.packet.descriptors.size(), 3u);
  auto fds = std::move(play.packet.descriptors);
  ASSERT_EQ(::write(fds[0].get(), "in\n", 3), 3);
  EXPECT_EQ(read_all(fds[1]), "out in\n" + play.folder.path() + "\n");
  EXPECT_EQ(read_all(fds[2]), "err\n");
  auto exited = play.answer<Exited>();
  EXPECT_EQ(exited.process, 5u);
  EXPECT_EQ(exited.code, 3u);
  EXPECT_EQ(exited.signal, 0u);
}

TEST(WorkerTest, SignalsReachTheProcessThatTheyAreFor) {
  Play play;
  play.ask<Started>(play.start("kill -STOP $$", 1));
  play.ask<Started>(play.start("exec cat", 2));
  auto fds = std::move(play.packet.descriptors);
  for (std::uint32_t bad : {0u, 64u, 1000u, 0xFFFFFFFFu})
    play.front->send(wire::encode(FrontToWorker(SendSignal{2, bad})));
  play.front->send(wire::encode(FrontToWorker(SendSignal{99, SIGKILL})));
  auto exited = play.ask<Exited>(SendSignal{2, SIGTERM});
  EXPECT_EQ(exited.process, 2u);
  EXPECT_EQ(exited.signal, static_cast<std::uint32_t>(SIGTERM));
  exited = play.ask<Exited>(Abandon{1});
  EXPECT_EQ(exited.process, 1u);
  EXPECT_EQ(exited.signal, static_cast<std::uint32_t>(SIGHUP)) << "also when it was stopped";
}

TEST(WorkerTest, AProcessOfAFrontThatDiedIsHungUp) {
  Play play;
  auto pid = play.ask<Started>(play.start("exec cat")).pid;
  play.front.reset();
  // Another front is served meanwhile, and its process numbers are its own.
  play.add_front();
  auto start = play.start("exit 4", 1);
  play.ask<Started>(start);
  EXPECT_EQ(play.answer<Exited>().code, 4u);
  while (::kill(static_cast<pid_t>(pid), 0) == 0) play.context.run_one();
}

TEST(WorkerTest, WithoutAValidGrantNothingIsDone) {
  Play play;
  auto start = play.start("true");
  for (const auto& grant : {std::string(), std::string(16, 'x'), start.grant.substr(1)}) {
    start.grant = grant;
    EXPECT_EQ(play.trouble_of(start), Trouble::unauthorized);
    EXPECT_EQ(play.trouble_of(IssueToken{2, grant, 60}), Trouble::unauthorized);
    EXPECT_EQ(play.trouble_of(RevokeToken{3, grant, "id"}), Trouble::unauthorized);
  }
  play.keeper->send(wire::encode(ToWorker(ReleaseGrant{play.grant})));
  play.log_in();  // the worker has seen what came before
  EXPECT_EQ(play.trouble_of(play.start("true")), Trouble::unauthorized);
}

TEST(WorkerTest, WhatCannotBeStartedIsNamed) {
  Play play("no-pty " + ssh::kKeyA, 2);
  auto start = play.start("true", 9);
  start.argv = {"no-such-program"};
  EXPECT_EQ(play.ask<Failed>(start).request, 9u);
  EXPECT_EQ(play.trouble_of(start), Trouble::not_found);
  start.argv = {play.folder.write("data", "x", 0600)};
  EXPECT_EQ(play.trouble_of(start), Trouble::not_executable);
  start = play.start("true");
  start.directory = "/no/such";
  EXPECT_EQ(play.trouble_of(start), Trouble::not_found);
  EXPECT_EQ(play.failure, "cannot enter /no/such: No such file or directory");
  start.terminal = Terminal{"xterm", 80, 24, 0, 0};
  EXPECT_EQ(play.trouble_of(start), Trouble::not_permitted);

  play.ask<Started>(play.start("exec cat", 1));
  auto first = std::move(play.packet.descriptors);
  EXPECT_EQ(play.trouble_of(play.start("exec cat", 1)), Trouble::bad_request) << "the same number";
  play.ask<Started>(play.start("exec cat", 2));
  auto second = std::move(play.packet.descriptors);
  EXPECT_EQ(play.trouble_of(play.start("exec cat", 3)), Trouble::busy);
  first.clear();
  EXPECT_EQ(play.answer<Exited>().process, 1u);
  play.ask<Started>(play.start("exec cat", 3));
}

TEST(WorkerTest, AnErrorThatQuotesALargeRequestIsShortened) {
  Play play;
  auto start = play.start("true");
  start.directory = std::string(100'000, '\x01');
  EXPECT_EQ(play.trouble_of(start), Trouble::internal);
  EXPECT_LT(play.failure.size(), 600u);
  start = play.start("true");
  start.argv = {std::string(100'000, '\x01')};
  EXPECT_EQ(play.trouble_of(start), Trouble::not_found);
  EXPECT_EQ(play.trouble_of(RevokeToken{1, play.grant, std::string(100'000, '\x01')}),
            Trouble::not_found);
}

TEST(WorkerTest, ATerminalIsOneDescriptor) {
  Play play;
  auto start = play.start("stty size; tty; echo $TERM");
  start.environment = {"LC_ALL=C"};
  start.terminal = Terminal{"vt100", 0x1FFFF, 33, 0, 0};
  play.ask<Started>(start);
  ASSERT_EQ(play.packet.descriptors.size(), 1u);
  auto text = read_all(play.packet.descriptors[0]);
  EXPECT_TRUE(text.starts_with("33 65535\r\n/dev/pts/")) << text;
  EXPECT_TRUE(text.ends_with("\r\nvt100\r\n")) << text;
}

TEST(WorkerTest, AFileProcessIsHandedOverAsItsTwoPipes) {
  Play play;
  auto started = play.ask<Started>(play.start_files(7));
  EXPECT_EQ(started.request, 7u);
  ASSERT_EQ(play.packet.descriptors.size(), 2u);
  auto fds = std::move(play.packet.descriptors);
  EXPECT_EQ(::fcntl(fds[0].get(), F_GETPIPE_SZ), 1 << 20);
  EXPECT_EQ(::fcntl(fds[1].get(), F_GETPIPE_SZ), 1 << 20);
  ASSERT_EQ(::write(fds[0].get(), "in\n", 3), 3);
  fds[0].reset();
  auto home = own_account()->home;
  EXPECT_EQ(read_all(fds[1]), "1 warning " + home + " " + home + "\nin\n");
  auto exited = play.answer<Exited>();
  EXPECT_EQ(exited.process, 7u);
  EXPECT_EQ(exited.code, 0u);
}

TEST(WorkerTest, AFileProcessThatNobodyWaitsForIsHungUp) {
  Play play;
  play.ask<Started>(play.start_files(7));
  auto fds = std::move(play.packet.descriptors);
  EXPECT_EQ(play.ask<Exited>(Abandon{7}).signal, static_cast<std::uint32_t>(SIGHUP));
}

TEST(WorkerTest, AFileProcessNeedsWhatEveryProcessNeeds) {
  Play play(ssh::kKeyA, 1);
  auto bad = play.start_files();
  bad.grant = "other";
  EXPECT_EQ(play.trouble_of(bad), Trouble::unauthorized);
  play.ask<Started>(play.start_files(1));
  auto fds = std::move(play.packet.descriptors);
  EXPECT_EQ(play.trouble_of(play.start_files(1)), Trouble::bad_request);
  EXPECT_EQ(play.trouble_of(play.start_files(2)), Trouble::busy) << "it is counted";
  EXPECT_EQ(play.trouble_of(play.start("true", 2)), Trouble::busy);
  fds.clear();
  EXPECT_EQ(play.answer<Exited>().process, 1u);
  play.ask<Started>(play.start("true", 2));
}

TEST(WorkerTest, ARestrictedKeyTransfersNoFiles) {
  for (const auto* options : {"restrict ", "restrict,pty ", "command=\"true\" "}) {
    Play play(options + ssh::kKeyA);
    EXPECT_EQ(play.trouble_of(play.start_files()), Trouble::not_permitted);
    EXPECT_EQ(play.failure, "this key is restricted and may not transfer files");
  }
}

TEST(WorkerTest, ATokenIsIssuedUsedAndRevoked) {
  Play play;
  play.start("");
  auto issued = play.ask<TokenIssued>(IssueToken{4, play.grant, 0xFFFFFFFF});
  EXPECT_EQ(issued.request, 4u);
  EXPECT_LE(issued.expires, ::time(nullptr) + 600) << "the server's limit";
  LookUpToken question{2, ssh::sha256(issued.token.expose()), "192.0.2.1"};
  play.keeper->send(wire::encode(ToWorker(question)));
  auto by_token =
      std::get<LookedUp>(wire::decode<FromWorker>(play.next(*play.keeper).bytes).value());
  ASSERT_TRUE(by_token.found) << by_token.reason;
  EXPECT_EQ(play.trouble_of(IssueToken{5, by_token.grant, 60}), Trouble::not_permitted)
      << "a token cannot make another one";
  EXPECT_EQ(play.trouble_of(RevokeToken{6, play.grant, "000000000000"}), Trouble::not_found);
  EXPECT_EQ(play.ask<TokenRevoked>(RevokeToken{7, play.grant, issued.id}).request, 7u);
  auto start = play.start("true");
  start.grant = by_token.grant;
  EXPECT_EQ(play.trouble_of(start), Trouble::unauthorized) << "its grants are gone at once";
}

TEST(WorkerTest, ARestrictedKeyMakesNoTokens) {
  Play play("restrict " + ssh::kKeyA);
  play.start("");
  EXPECT_EQ(play.trouble_of(IssueToken{1, play.grant, 60}), Trouble::not_permitted);
}

TEST(WorkerTest, WhenToldToStopItHangsUpItsProcessesAndEnds) {
  Play play;
  auto pid = play.ask<Started>(play.start("exec cat")).pid;
  play.keeper->send(wire::encode(ToWorker(StopWorker())));
  play.context.run();
  EXPECT_NE(::kill(static_cast<pid_t>(pid), 0), 0);
}

TEST(WorkerTest, WithoutItsKeeperItEnds) {
  Play play;
  play.keeper.reset();
  play.context.run();
}

}  // namespace
}  // namespace nigh::server
