// SPDX-License-Identifier: Apache-2.0
// Tunnels, with a worker and a target that are played by the test.
#include "server/front/tunnel_stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "server/front/pipes_for_test.hpp"
#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;

http2::Fields connect_to(std::string authority) {
  return {{":method", "CONNECT"}, {":authority", std::move(authority)}};
}
http2::Fields connect_as(std::string protocol, std::string path) {
  auto fields = request("CONNECT", std::move(path));
  fields.insert(fields.begin() + 1, {":protocol", std::move(protocol)});
  return fields;
}

void make_non_blocking(const UniqueFd& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

// Two ends of a TCP connection.
std::pair<UniqueFd, UniqueFd> tcp_pair() {
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  auto* to = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  UniqueFd one(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  expect(::bind(listener.get(), to, size) == 0 && ::listen(listener.get(), 1) == 0 &&
             ::getsockname(listener.get(), to, &size) == 0 && ::connect(one.get(), to, size) == 0,
         "loopback");
  UniqueFd other(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const int small = 256 * 1024;  // whatever this machine's kernel would keep
  for (const auto* end : {&one, &other}) {
    make_non_blocking(*end);
    ::setsockopt(end->get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }
  return {std::move(one), std::move(other)};
}

struct Play : Visitor {
  explicit Play(const http2::Limits& client_limits = {}) : Visitor({}, client_limits) {
    ::signal(SIGPIPE, SIG_IGN);
    log_in();
    start_worker();
    std::tie(handed, target) = tcp_pair();
  }
  Dial dial(const http2::Fields& fields) {
    id = send(fields, &body);
    return asked_of_worker<Dial>();
  }
  void connected(RequestId request) {
    std::vector<UniqueFd> one;
    one.push_back(std::move(handed));
    worker_says(Started{request, 0}, std::move(one));
    until([this] { return answers[id].field(":status") == "200"; });
  }
  void connect() { connected(dial(connect_to("db:5432")).request); }
  void say(std::string_view bytes) {
    body.add(bytes);
    client.resume(id);
  }
  void end() {
    body.finish();
    client.resume(id);
  }
  void heard(std::string_view expected) {
    until([&] {
      take(target, input);
      return input.size() >= expected.size();
    });
    EXPECT_EQ(input, expected);
  }
  // How the target's reading half ends: 0, or errno.
  int target_ends() {
    int result = -1;
    until([&] {
      char chunk[64 * 1024];
      auto n = ::read(target.get(), chunk, sizeof chunk);
      if (n > 0) return false;
      result = n == 0 ? 0 : errno;
      return result != EAGAIN;
    });
    return result;
  }
  void lose_client() {
    boost::system::error_code ignored;
    client.stream().socket().close(ignored);
    until([this] { return server_ended; });
    server.reset();
  }
  void reset_target() {
    const linger now{1, 0};
    ::setsockopt(target.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    target.reset();
  }

  UniqueFd handed, target;
  Body body{"", false};
  std::string input;
  http2::StreamId id = 0;
};

TEST(TunnelStreamTest, BytesPassBothWays) {
  Play play;
  auto dial = play.dial(connect_to("[2001:db8::7]:5432"));
  EXPECT_EQ(dial.reach, Reach::tcp);
  EXPECT_EQ(dial.host, "2001:db8::7");
  EXPECT_EQ(dial.port, 5432u);
  EXPECT_EQ(dial.grant, "grant");
  play.say("early");
  play.connected(dial.request);
  EXPECT_EQ(play.answers[play.id].field("content-length"), "");
  play.heard("early");
  put(play.target, "answer");
  play.until([&] { return play.answers[play.id].body == "answer"; });
  play.say(" late");
  play.heard("early late");
}

TEST(TunnelStreamTest, AUnixSocketIsNamedByItsPath) {
  Play play;
  auto dial = play.dial(connect_as("nigh-unix", "/v1/unix/%2Frun%2Fmy.sock"));
  EXPECT_EQ(dial.reach, Reach::unix_socket);
  EXPECT_EQ(dial.host, "/run/my.sock");
  play.connected(dial.request);
  play.say("x");
  play.heard("x");
}

http2::Fields resumable_connect() {
  auto fields = connect_to("db:5432");
  fields.push_back({"nigh-resumable", "?1"});
  return fields;
}

TEST(TunnelStreamTest, OneThatSurvivesIsKeptWhenItsConnectionIsLost) {
  Play play;
  play.connected(play.dial(resumable_connect()).request);
  auto name = play.answers[play.id].field("nigh-tunnel");
  EXPECT_EQ(name.size(), 22u);
  play.lose_client();
  EXPECT_NE(play.tunnels.find({name, "SHA256:x"}), nullptr);
}

TEST(TunnelStreamTest, OneThatSurvivesEndsWithAClientThatSaysSo) {
  Play play;
  play.connected(play.dial(resumable_connect()).request);
  play.client.terminate(http2::kNoError);
  play.until([&] { return play.server_ended; });
  play.server.reset();
  EXPECT_EQ(play.target_ends(), ECONNRESET);
}

TEST(TunnelStreamTest, WhatIsNoTargetIsRefusedWithoutTheWorker) {
  Play play;
  for (const char* authority : {"db", "db:0", "::1:80", "db:65536"})
    EXPECT_EQ(play.status(connect_to(authority)), "400") << authority;
  EXPECT_EQ(play.status(connect_as("nigh-unix", "/v1/unix/relative")), "400");
  EXPECT_EQ(play.status(connect_as("nigh-unix", "/v1/unix/")), "400");
  EXPECT_EQ(play.status(connect_as("nigh-other", "/v1/unix/%2Fx")), "405");
  auto again = connect_as("nigh-tunnel", "/v1/tunnels/short");
  EXPECT_EQ(play.status(again), "400");  // from where?
  again.push_back({"nigh-received", "0"});
  EXPECT_EQ(play.status(again), "404");
}

TEST(TunnelStreamTest, WhatTheWorkerCannotReachIsAProblem) {
  for (const auto& [trouble, status, type] :
       {std::tuple(Trouble::refused, 502, "connection-refused"),
        std::tuple(Trouble::unreachable, 502, "unreachable"),
        std::tuple(Trouble::name_not_found, 502, "name-not-found"),
        std::tuple(Trouble::timed_out, 504, "timed-out"),
        std::tuple(Trouble::not_permitted, 403, "not-permitted"),
        std::tuple(Trouble::in_use, 409, "in-use")}) {
    Play play;
    auto dial = play.dial(connect_to("db:1"));
    play.say("never read");
    play.worker_says(Failed{dial.request, trouble, "it did not work"});
    const auto& answer = play.answer(play.id);
    EXPECT_EQ(answer.field(":status"), std::to_string(status));
    EXPECT_TRUE(answer.body.contains(type)) << answer.body;
  }
}

TEST(TunnelStreamTest, TheNextWorkerDialsWhatTheLastOneDidNot) {
  Play play;
  auto first = play.dial(connect_to("db:5432"));
  play.worker.reset();
  play.settle();
  EXPECT_TRUE(play.answers[play.id].headers.empty());
  play.start_worker();
  auto again = play.asked_of_worker<Dial>();
  EXPECT_EQ(again.host, "db");
  EXPECT_EQ(again.port, 5432u);
  EXPECT_NE(again.request, first.request);
  play.connected(again.request);
  EXPECT_EQ(play.answers[play.id].field(":status"), "200");
}

TEST(TunnelStreamTest, WithoutAWorkerItWaitsForTheNext) {
  Visitor visitor;
  visitor.log_in();
  visitor.send(connect_to("first:1"));
  auto leaves = visitor.send(connect_to("leaves:1"));
  visitor.send(connect_to("last:1"));
  visitor.settle();
  visitor.client.reset(leaves, http2::kCancel);
  visitor.settle();
  visitor.start_worker();
  EXPECT_EQ(visitor.asked_of_worker<Dial>().host, "first");
  EXPECT_EQ(visitor.asked_of_worker<Dial>().host, "last");
}

TEST(TunnelStreamTest, SoManyMayWaitForAWorkerAndNoMore) {
  Visitor visitor({.streams = WorkerClient::kMaxUnsent + 10});
  visitor.log_in();
  for (std::size_t i = 0; i < WorkerClient::kMaxUnsent; ++i) visitor.send(connect_to("h:1"));
  EXPECT_EQ(visitor.status(connect_to("h:1")), "503");
}

TEST(TunnelStreamTest, TheClientsHalfEndsByItself) {
  Play play;
  play.connect();
  play.say("question");
  play.end();
  play.heard("question");
  EXPECT_EQ(play.target_ends(), 0);
  put(play.target, "answer");
  play.until([&] { return play.answers[play.id].body == "answer"; });
  play.target.reset();
  const auto& answer = play.answer(play.id);
  EXPECT_TRUE(answer.ended);
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(answer.closed, http2::kNoError);
}

TEST(TunnelStreamTest, TheTargetsHalfEndsByItself) {
  Play play;
  play.connect();
  put(play.target, "greeting");
  ::shutdown(play.target.get(), SHUT_WR);
  play.until([&] { return play.answers[play.id].ended; });
  EXPECT_EQ(play.answers[play.id].body, "greeting");
  play.say("still here");
  play.heard("still here");
  play.end();
  EXPECT_EQ(play.target_ends(), 0);
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kNoError);
}

TEST(TunnelStreamTest, ATargetThatResetsResetsTheStream) {
  Play play;
  play.connect();
  play.reset_target();
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  EXPECT_EQ(play.answers[play.id].closed, http2::kConnectError);
  EXPECT_FALSE(play.answers[play.id].ended);
}

TEST(TunnelStreamTest, ATargetThatResetsAfterItsEndResetsTheStreamToo) {
  Play play;
  play.connect();
  ::shutdown(play.target.get(), SHUT_WR);
  play.until([&] { return play.answers[play.id].ended; });
  play.target.reset();  // it hears nothing any more: what comes now is answered by a reset
  play.until([&] {
    play.say("x");
    return play.answers[play.id].closed.has_value();
  });
  EXPECT_EQ(play.answers[play.id].closed, http2::kConnectError);
}

TEST(TunnelStreamTest, AClientThatResetsResetsTheTarget) {
  Play play;
  play.connect();
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.target_ends(), ECONNRESET);
}

TEST(TunnelStreamTest, AFrontThatDiesResetsTheTargetUnlessBothHalvesHadEnded) {
  for (bool survives : {false, true}) {
    Play play;
    // What the kernel does with it when its last descriptor goes.
    UniqueFd same(::fcntl(play.handed.get(), F_DUPFD_CLOEXEC, 3));
    auto is_reset_at_last = [&] {
      linger closing{};
      socklen_t size = sizeof closing;
      expect(::getsockopt(same.get(), SOL_SOCKET, SO_LINGER, &closing, &size) == 0, "SO_LINGER");
      return closing.l_onoff != 0 && closing.l_linger == 0;
    };
    EXPECT_FALSE(is_reset_at_last());
    auto fields = connect_to("db:5432");
    if (survives) fields.push_back({"nigh-resumable", "?1"});
    play.connected(play.dial(fields).request);
    EXPECT_TRUE(is_reset_at_last());
    if (survives) continue;
    play.end();
    EXPECT_EQ(play.target_ends(), 0);
    EXPECT_TRUE(is_reset_at_last());
    play.target.reset();
    play.until([&] { return play.answers[play.id].closed.has_value(); });
    play.settle();
    EXPECT_FALSE(is_reset_at_last());
  }
}

TEST(TunnelStreamTest, AClientThatIsLostResetsTheTarget) {
  Play play;
  play.connect();
  play.lose_client();
  EXPECT_EQ(play.target_ends(), ECONNRESET);
}

TEST(TunnelStreamTest, AClientThatLeavesBeforeThereIsAnAnswerIsAbandoned) {
  Play play;
  auto dial = play.dial(connect_to("db:1"));
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, dial.request);
}

TEST(TunnelStreamTest, ATargetThatDoesNotReadStopsTheClientAndLosesNothing) {
  Play play;
  play.connect();
  const std::string all(48 << 20, 'x');  // more than the stream's window and the kernel take
  play.say(all);
  std::size_t before = 1;
  play.until([&] {  // it has stopped
    play.settle();
    return std::exchange(before, play.body.sent()) == play.body.sent();
  });
  EXPECT_LT(play.body.sent(), all.size());
  ::shutdown(play.target.get(), SHUT_WR);
  play.end();
  play.heard(all);
  EXPECT_EQ(play.target_ends(), 0);
}

TEST(TunnelStreamTest, WhatAClientHasSentArrivesAlsoWhenItsStreamAndConnectionAreOver) {
  Play play;
  play.connect();
  ::shutdown(play.target.get(), SHUT_WR);
  play.until([&] { return play.answers[play.id].ended; });
  const std::string all(24 << 20, 'x');  // less than the window, more than the kernel takes
  play.say(all);
  play.end();
  play.until([&] { return play.answers[play.id].closed.has_value(); });
  play.lose_client();
  play.heard(all);
  EXPECT_EQ(play.target_ends(), 0);
}

TEST(TunnelStreamTest, AClientThatDoesNotReadStopsTheTarget) {
  http2::Limits small;
  small.stream_window = 65'535;
  Play play(small);
  play.connect();
  std::string all(16 << 20, 'y');
  std::size_t put_so_far = 0;
  play.until([&] {
    put_so_far += put(play.target, std::string_view(all).substr(put_so_far));
    return put_so_far == all.size();
  });
  ::shutdown(play.target.get(), SHUT_WR);
  EXPECT_EQ(play.answer(play.id).body.size(), all.size());
}

}  // namespace
}  // namespace nigh::server
