// SPDX-License-Identifier: Apache-2.0
#include "server/files/files_role.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <optional>

#include "base/error.hpp"
#include "base/fd_channel.hpp"
#include "base/folder_for_test.hpp"
#include "server/files/stop_signals.hpp"
#include "service/resource/resource.hpp"
#include "wire/reader.hpp"

namespace nigh::server {
namespace {

// The front's ends of the pipes; what is asked is all there before it is served.
struct Play {
  Play() {
    ::signal(SIGPIPE, SIG_IGN);
    int in[2], out[2];
    expect(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0, "no pipe");
    to = UniqueFd(in[1]);
    from = UniqueFd(out[0]);
    channel.emplace(UniqueFd(in[0]), UniqueFd(out[1]));
  }
  void send(std::string_view bytes) {
    ASSERT_EQ(::write(to.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  bool serve() {
    to.reset();
    return serve_files(*channel, folder.path());
  }
  std::string output() {
    channel.reset();
    std::string all;
    char chunk[5000];
    for (ssize_t n; (n = ::read(from.get(), chunk, sizeof chunk)) > 0;)
      all.append(chunk, static_cast<std::size_t>(n));
    return all;
  }

  for_test::Folder folder;
  UniqueFd to, from;
  std::optional<FdChannel> channel;
};

// The head of an answer, and its body.
std::pair<resource::ResponseHead, std::string> parsed(const std::string& output) {
  wire::Reader in(output);
  auto head = unwrap(resource::decode_response(in.string()));
  return {head, std::string(in.rest())};
}

TEST(FilesRoleTest, ServesOneRequestAboutAFile) {
  Play play;
  play.folder.write("x", "contents");
  play.send(resource::encode(resource::RequestHead{"GET", "", "/v1/files/~/x", {}}));
  EXPECT_TRUE(play.serve());
  auto [head, body] = parsed(play.output());
  EXPECT_EQ(head.status, 200u);
  EXPECT_EQ(body, "contents");
}

TEST(FilesRoleTest, AcceptsATreeTransferBeforeItSaysAnything) {
  Play play;
  play.send(resource::encode(resource::RequestHead{"CONNECT", "nigh-sync", "/v1/sync?x=1", {}}));
  play.serve();  // the client has ended its half at once; what that is, is not decided here
  EXPECT_EQ(parsed(play.output()).first.status, 200u);
}

TEST(FilesRoleTest, OnlyTheRightProtocolAndPathAreATreeTransfer) {
  for (const auto& head : {resource::RequestHead{"CONNECT", "nigh-sync", "/v1/sync/x", {}},
                           resource::RequestHead{"CONNECT", "nigh-file", "/v1/sync", {}},
                           resource::RequestHead{"GET", "nigh-sync", "/v1/sync", {}}}) {
    Play play;
    play.send(resource::encode(head));
    play.serve();
    EXPECT_GE(parsed(play.output()).first.status, 400u);
  }
}

TEST(FilesRoleTest, ARequestThatMakesNoSenseIsNotAnswered) {
  using std::string_view_literals::operator""sv;
  for (auto bytes : {""sv, "\0\0"sv, "\0\0\0\4xx"sv, "\0\0\0\2xx"sv, "\xff\xff\xff\xffx"sv}) {
    Play play;
    play.send(bytes);
    EXPECT_FALSE(play.serve());
    EXPECT_EQ(play.output(), "");
  }
}

TEST(StopSignalsTest, ASignalCancelsTheChannel) {
  for (int number : {SIGTERM, SIGHUP, SIGINT}) {
    Play play;
    StopSignals stop(*play.channel);
    ::kill(::getpid(), number);
    char byte = 0;
    try {
      play.channel->read({&byte, 1});
      ADD_FAILURE() << "it was not cancelled";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::cancelled);
    }
  }
}

TEST(StopSignalsTest, WithoutASignalNothingIsCancelled) {
  Play play;
  {
    StopSignals stop(*play.channel);
    play.send("x");
    char byte = 0;
    EXPECT_EQ(play.channel->read({&byte, 1}), 1u);
  }
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);
}

}  // namespace
}  // namespace nigh::server
