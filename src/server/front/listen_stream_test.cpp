// SPDX-License-Identifier: Apache-2.0
// Listening, with a worker that is played by the test and connections that are real.
#include "server/front/listen_stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/folder_for_test.hpp"
#include "io/localhost.hpp"
#include "server/front/pipes_for_test.hpp"
#include "server/front/visitor_for_test.hpp"

namespace nigh::server {
namespace {

using namespace for_test;
using Json = nlohmann::json;

http2::Fields fetch(const std::string& id) {
  auto fields = request("CONNECT", "/v1/listen/" + id);
  fields.insert(fields.begin() + 1, {":protocol", "nigh-accepted"});
  return fields;
}

std::vector<UniqueFd> unwrap_sockets(std::expected<std::vector<UniqueFd>, int> sockets) {
  expect(sockets.has_value(), "localhost");
  return *std::move(sockets);
}

tcp::endpoint name_of(const UniqueFd& socket) {
  tcp::endpoint name;
  auto size = static_cast<socklen_t>(name.capacity());
  expect(::getsockname(socket.get(), name.data(), &size) == 0, "getsockname");
  name.resize(size);
  return name;
}

struct Play : Visitor {
  Play() {
    log_in();
    start_worker();
    auto* to = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    handed = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    expect(::bind(handed.get(), to, size) == 0 && ::listen(handed.get(), SOMAXCONN) == 0 &&
               ::getsockname(handed.get(), to, &size) == 0,
           "loopback");
  }
  Listen ask(const std::string& document) {
    body.emplace(document);
    id = send(request("POST", "/v1/listen"), &*body);
    return asked_of_worker<Listen>();
  }
  RequestId listen() {
    auto asked = ask("{}").request;
    std::vector<UniqueFd> one;
    one.push_back(std::move(handed));
    worker_says(Started{asked, 0}, std::move(one));
    lines(1);
    return asked;
  }
  std::vector<Json> lines(std::size_t count) {
    std::vector<Json> all;
    until([&] {
      const auto& said = answers[id].body;
      return static_cast<std::size_t>(std::ranges::count(said, '\n')) >= count;
    });
    std::istringstream said(answers[id].body);
    for (std::string line; std::getline(said, line);) all.push_back(Json::parse(line));
    return all;
  }
  UniqueFd visit() {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    expect(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
           "connect");
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    return socket;
  }
  int end_of(const UniqueFd& socket) {  // errno, or 0
    char byte;
    ssize_t n = -1;
    until([&] { return (n = ::read(socket.get(), &byte, 1)) >= 0 || errno != EAGAIN; });
    return n == 0 ? 0 : errno;
  }

  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  UniqueFd handed;
  std::optional<Body> body;
  http2::StreamId id = 0;
};

TEST(ListenStreamTest, WhatIsAskedForGoesToTheWorker) {
  Play play;
  auto listen = play.ask(R"({"address":"::1","port":8080})");
  EXPECT_EQ(listen.host, "::1");
  EXPECT_EQ(listen.port, 8080u);
  EXPECT_EQ(listen.reach, Reach::tcp);
  EXPECT_EQ(listen.grant, "grant");
  listen = play.ask("{}");
  EXPECT_EQ(listen.host, "localhost");
  EXPECT_EQ(listen.port, 0u);
  listen = play.ask(R"({"unix":"/tmp/x"})");
  EXPECT_EQ(listen.host, "/tmp/x");
  EXPECT_EQ(listen.reach, Reach::unix_socket);
  play.worker_says(Failed{listen.request, Trouble::in_use, "somebody listens there"});
  EXPECT_EQ(play.answer(play.id).field(":status"), "409");
}

TEST(ListenStreamTest, WhatMakesNoSenseIsRefused) {
  Play play;
  for (const char* document :
       {"", "[]", R"({"port":65536})", R"({"port":"1"})", R"({"address":1})", R"({"x":1})",
        R"({"unix":"/a","port":1})", R"({"unix":1})", R"({"port":-1})"}) {
    Body body(document);
    EXPECT_EQ(play.answer(play.send(request("POST", "/v1/listen"), &body)).field(":status"), "400")
        << document;
  }
  EXPECT_EQ(play.status(fetch("unknown")), "404");
}

TEST(ListenStreamTest, AConnectionIsToldOfAndCanBeFetchedOnce) {
  Play play;
  play.listen();
  auto listening = play.lines(1)[0]["listening"];
  EXPECT_EQ(listening["address"], "localhost");
  EXPECT_EQ(listening["port"], ntohs(play.address.sin_port));
  auto visitor = play.visit();
  auto accepted = play.lines(2)[1]["accepted"];
  std::string name = accepted["id"];
  EXPECT_EQ(name.size(), 22u);
  EXPECT_TRUE(std::string(accepted["peer"]).starts_with("127.0.0.1:"));
  Body body("hello", false);
  auto stream = play.send(fetch(name), &body);
  std::string heard;
  play.until([&] { return take(visitor, heard), heard == "hello"; });
  put(visitor, "hi");
  play.until([&] { return play.answers[stream].body == "hi"; });
  EXPECT_EQ(play.status(fetch(name)), "404");
  play.client.reset(stream, http2::kCancel);
  EXPECT_EQ(play.end_of(visitor), ECONNRESET);
}

TEST(ListenStreamTest, OfLocalhostTwoSocketsAreOneListener) {
  Play play;
  auto asked = play.ask("{}").request;
  auto both = unwrap_sockets(io::listen_at_localhost(0));
  const auto port = io::port_of(both.front().get());
  std::vector<tcp::endpoint> ends;
  for (const auto& socket : both) ends.push_back(name_of(socket));
  play.worker_says(Started{asked, 0}, std::move(both));
  EXPECT_EQ(play.lines(1)[0]["listening"], Json({{"address", "localhost"}, {"port", port}}));
  std::vector<tcp::socket> visitors;
  for (const auto& end : ends) visitors.emplace_back(play.context).connect(end);
  auto lines = play.lines(1 + ends.size());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto stream = play.send(fetch(lines[i]["accepted"]["id"]));
    play.until([&] { return play.answers[stream].field(":status") == "200"; });
  }
}

TEST(ListenStreamTest, WithoutAWorkerItWaitsForTheNext) {
  Play play;
  auto first = play.ask(R"({"port":8080})");
  play.worker.reset();
  play.settle();
  EXPECT_TRUE(play.answers[play.id].headers.empty());
  Body body(R"({"port":8081})");
  play.send(request("POST", "/v1/listen"), &body);
  play.settle();
  play.start_worker();
  auto again = play.asked_of_worker<Listen>();
  EXPECT_EQ(again.port, 8080u);
  EXPECT_NE(again.request, first.request);
  EXPECT_EQ(play.asked_of_worker<Listen>().port, 8081u);
  std::vector<UniqueFd> one;
  one.push_back(std::move(play.handed));
  play.worker_says(Started{again.request, 0}, std::move(one));
  play.lines(1);
}

TEST(ListenStreamTest, TheEndOfTheListenerResetsWhoeverWaits) {
  Play play;
  auto asked = play.listen();
  auto waits = play.visit(), fetched = play.visit();
  Body body("", false);
  auto stream = play.send(fetch(play.lines(3)[2]["accepted"]["id"]), &body);
  play.until([&] { return play.answers[stream].field(":status") == "200"; });
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.end_of(waits), ECONNRESET);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, asked);
  put(fetched, "lives on");
  play.until([&] { return play.answers[stream].body == "lives on"; });
}

TEST(ListenStreamTest, AnAgentsSocketIsWhereTheWorkerMadeIt) {
  Play play;
  EXPECT_EQ(play.ask(R"({"agent":"a-folder"})").host, "a-folder");
  auto asked = play.ask(R"({"agent":true})");
  EXPECT_EQ(asked.reach, Reach::agent);
  EXPECT_EQ(asked.host, "");

  nigh::for_test::Folder folder;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  auto path = folder / "agent";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  std::vector<UniqueFd> one;
  one.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ASSERT_EQ(::bind(one[0].get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  play.worker_says(Started{asked.request, 0}, std::move(one));
  auto said = play.lines(1)[0]["listening"];
  EXPECT_EQ(said["unix"], path);
  EXPECT_EQ(said["agent"], std::filesystem::path(path).parent_path().filename().string());
}

TEST(ListenStreamTest, AClientThatLeavesBeforeThereIsAnAnswerIsAbandoned) {
  Play play;
  auto asked = play.ask("{}");
  play.client.reset(play.id, http2::kCancel);
  EXPECT_EQ(play.asked_of_worker<Abandon>().process, asked.request);
}

TEST(ListenStreamTest, NoMoreThanSoManyWait) {
  Play play;
  play.listen();
  std::vector<UniqueFd> visitors;
  for (std::size_t i = 0; i < ListenStream::kMaxWaiting + 2; ++i) visitors.push_back(play.visit());
  auto lines = play.lines(1 + ListenStream::kMaxWaiting);
  play.settle();
  EXPECT_EQ(play.lines(1).size(), 1 + ListenStream::kMaxWaiting);
  Body body("", false);
  play.send(fetch(lines[7]["accepted"]["id"]), &body);
  play.lines(2 + ListenStream::kMaxWaiting);
}

TEST(ListenStreamTest, AServerThatEndsEndsIt) {
  Play play;
  play.listen();
  auto visitor = play.visit();
  play.lines(2);
  play.server->drain();
  EXPECT_TRUE(play.answer(play.id).ended);
  EXPECT_EQ(play.end_of(visitor), ECONNRESET);
}

TEST(ListenStreamTest, AConnectionHasOnlySoManyListeners) {
  Play play;
  for (std::size_t i = 0; i < ListenStream::kMaxListeners; ++i) play.ask("{}");
  Body body("{}");
  EXPECT_EQ(play.answer(play.send(request("POST", "/v1/listen"), &body)).field(":status"), "503");
}

}  // namespace
}  // namespace nigh::server
