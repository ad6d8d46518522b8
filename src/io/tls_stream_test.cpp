// SPDX-License-Identifier: Apache-2.0
#include "io/tls_stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "io/loopback_for_test.hpp"
#include "io/runtime.hpp"
#include "io/tls_for_test.hpp"

namespace nigh::io {
namespace {

using namespace for_test;

// A server's stream, and a socket that the test drives by hand with an engine of its own.
struct Scene {
  explicit Scene(asio::io_context& context) : Scene(connected_pair(context)) {}
  explicit Scene(std::pair<tcp::socket, tcp::socket> sockets)
      : stream(std::move(sockets.second), server_context()),
        socket(std::move(sockets.first)),
        client(TlsContext::client()) {}

  void send(std::string_view bytes) {
    while (!bytes.empty())
      bytes.remove_prefix(socket.write_some(asio::buffer(bytes.data(), bytes.size())));
  }
  void send_output() { send(client.take_output()); }
  void receive() {
    char chunk[10'000];
    client.receive({chunk, socket.read_some(asio::buffer(chunk))});
  }

  TlsStream stream;
  tcp::socket socket;
  End client;
};

std::optional<Error> finish(asio::io_context& context, awaitable<void> task) {
  std::optional<Error> error;
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr failure) {
    if (failure) error = to_error(failure);
  });
  context.restart();
  context.run();
  return error;
}

// Client hello, and its Finished with `request` in one segment, before the server wakes up again.
awaitable<void> shake_hands(Scene& scene, std::string request) {
  scene.client.work();
  scene.send_output();
  auto client = [](Scene& s, std::string text) -> awaitable<void> {
    co_await s.socket.async_wait(tcp::socket::wait_read, asio::use_awaitable);
    while (!s.client.connected) s.receive();
    unwrap(s.client.engine.write(text));
    s.send_output();
  };
  std::vector<awaitable<void>> both;
  both.push_back(scene.stream.handshake("early"));
  both.push_back(client(scene, std::move(request)));
  co_await all_or_none(std::move(both));
}

awaitable<void> receive_into(TlsStream& stream, std::string& all) {
  while (co_await stream.receive([&](std::string_view piece) { all += piece; })) {
  }
}

TEST(TlsStreamTest, WhatCameWithTheHandshakeIsNotLostToOtherConnections) {
  asio::io_context context(1);
  Scene a(context), b(context);
  EXPECT_FALSE(finish(context, shake_hands(a, std::string(9000, 'a'))));
  EXPECT_FALSE(finish(context, shake_hands(b, std::string(9000, 'b'))));
  EXPECT_EQ(a.client.plain, "early");
  a.socket.close();
  b.socket.close();
  std::string from_a, from_b;
  EXPECT_FALSE(finish(context, receive_into(a.stream, from_a)));
  EXPECT_FALSE(finish(context, receive_into(b.stream, from_b)));
  EXPECT_EQ(from_a, std::string(9000, 'a'));
  EXPECT_EQ(from_b, std::string(9000, 'b'));
}

TEST(TlsStreamTest, ACloseNotifyEndsIt) {
  asio::io_context context(1);
  Scene scene(context);
  EXPECT_FALSE(finish(context, shake_hands(scene, "x")));
  scene.client.engine.close();
  scene.send_output();
  std::string all;
  EXPECT_FALSE(finish(context, receive_into(scene.stream, all)));
  EXPECT_EQ(all, "x");
  scene.stream.close();
  scene.stream.close();  // twice is no harm
  EXPECT_FALSE(scene.stream.socket().is_open());
  scene.receive();
  EXPECT_TRUE(scene.client.ended) << "and is answered by ours";
}

TEST(TlsStreamTest, APeerThatSpeaksSomethingElseIsRememberedByItsFirstBytes) {
  asio::io_context context(1);
  Scene scene(context);
  scene.send("SSH-2.0-OpenSSH_9.2p1 Debian\r\n");
  auto error = finish(context, scene.stream.handshake());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::refused);
  EXPECT_EQ(scene.stream.first_bytes(), "SSH-2.0-OpenSSH_");
  EXPECT_EQ(scene.stream.bytes_received(), 30u);
}

TEST(TlsStreamTest, APeerThatLeavesDuringTheHandshakeIsClosed) {
  for (bool after_hello : {false, true}) {
    asio::io_context context(1);
    Scene scene(context);
    scene.client.work();
    if (after_hello) scene.send_output();
    scene.socket.shutdown(tcp::socket::shutdown_send);
    auto error = finish(context, scene.stream.handshake());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, Errc::closed);
    EXPECT_EQ(error->message, "the peer closed the connection");
  }
}

TEST(TlsStreamTest, AReaderThatDoesNotReadMakesTheSenderWait) {
  asio::io_context context(1);
  Scene scene(context);
  EXPECT_FALSE(finish(context, shake_hands(scene, "x")));
  bool sent = false;
  const std::string large(20 << 20, 'x');
  auto send = [](TlsStream& stream, std::string_view text, bool& done) -> awaitable<void> {
    co_await stream.send(text);
    done = true;
  };
  asio::co_spawn(context, send(scene.stream, large, sent), [](std::exception_ptr) {});
  context.restart();
  while (context.poll_one() > 0) {
  }
  EXPECT_FALSE(sent);
  scene.client.plain.clear();
  while (scene.client.plain.size() < large.size()) {
    scene.receive();
    context.poll();
  }
  run_until(context, [&] { return sent; });
  EXPECT_EQ(scene.client.plain, large);
}

}  // namespace
}  // namespace nigh::io
