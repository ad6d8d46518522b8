// SPDX-License-Identifier: Apache-2.0
#include "io/h2_connection.hpp"

#include <gtest/gtest.h>

#include <map>

#include "io/loopback_for_test.hpp"
#include "io/tls_for_test.hpp"

namespace nigh::io {
namespace {

using namespace for_test;
using http2::StreamId;

char nth(std::uint64_t i) { return static_cast<char>(i * 31 + (i >> 16)); }

// `size` bytes that are known by their position.
struct Pattern : http2::BodySource {
  explicit Pattern(std::uint64_t bytes) : size(bytes) {}
  Chunk read(std::span<char> into) override {
    auto n = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size - sent));
    for (auto& c : into.first(n)) c = nth(sent++);
    return {n, sent == size ? Next::end : Next::more};
  }
  std::uint64_t size, sent = 0;
};

struct Side : http2::Events {
  void on_headers(StreamId id, http2::Fields, bool) override {
    if (body) unwrap(connection->submit_response(id, {{":status", "200"}}, body));
  }
  void on_data(StreamId id, std::string_view bytes) override {
    for (char c : bytes) intact = intact && c == nth(received++);
    if (reading)
      connection->consume(id, bytes.size());
    else
      owed[id] += bytes.size();
  }
  void on_end(StreamId) override { ++ended; }
  void on_close(StreamId, std::uint32_t) override { ++closed; }
  void on_settings() override { ++settings; }
  void on_goaway(StreamId, std::uint32_t) override { ++goodbyes; }
  void catch_up() {
    reading = true;
    for (auto [id, bytes] : std::exchange(owed, {})) connection->consume(id, bytes);
  }

  H2Connection* connection = nullptr;
  http2::BodySource* body = nullptr;  // server: the answer to any request
  bool reading = true, intact = true;
  std::uint64_t received = 0;
  std::map<StreamId, std::size_t> owed;
  int ended = 0, closed = 0, settings = 0, goodbyes = 0;
};

enum class Over { tls, bare };

struct Joined {
  explicit Joined(Over over = Over::tls) {
    if (over == Over::bare) {
      auto [a, b] = private_pair(context);
      client.emplace(std::move(a), http2::Role::client, http2::Limits(), at_client);
      server.emplace(std::move(b), http2::Role::server, http2::Limits(), at_server);
    } else {
      join_with_tls();
    }
    at_client.connection = &*client;
    at_server.connection = &*server;
    start(*client, client_end);
    start(*server, server_end);
  }
  void join_with_tls() {
    auto [a, b] = connected_pair(context);
    client.emplace(std::move(a), client_context, http2::Role::client, http2::Limits(), at_client);
    server.emplace(std::move(b), server_tls, http2::Role::server, http2::Limits(), at_server);
  }
  ~Joined() { context.stop(); }

  struct End {
    bool over = false;
    std::optional<Error> error;
  };
  static awaitable<void> serve(H2Connection& connection) {
    co_await connection.handshake();
    co_await connection.run();
  }
  void start(H2Connection& connection, End& end) {
    asio::co_spawn(context, serve(connection), [&end](std::exception_ptr failure) {
      end.over = true;
      if (failure) end.error = to_error(failure);
    });
  }
  template <class Condition>
  void until(Condition done) {
    run_until(context, done);
  }
  StreamId post(http2::BodySource* body) {
    return unwrap(client->submit_request(
        {{":method", "POST"}, {":scheme", "https"}, {":authority", "h"}, {":path", "/"}}, body));
  }

  asio::io_context context{1};
  TlsContext client_context = TlsContext::client(), server_tls = server_context();
  Side at_client, at_server;
  std::optional<H2Connection> client, server;
  End client_end, server_end;
};

TEST(H2ConnectionTest, SixtyFourMibGoBothWaysAtOnceIntact) {
  constexpr std::uint64_t kSize = 64 << 20;
  Joined joined;
  Pattern up(kSize), down(kSize);
  joined.at_server.body = &down;
  joined.until([&] { return joined.at_client.settings > 0; });
  joined.post(&up);
  joined.until([&] { return joined.at_client.closed == 1 && joined.at_server.closed == 1; });
  EXPECT_EQ(joined.at_server.received, kSize);
  EXPECT_EQ(joined.at_client.received, kSize);
  EXPECT_TRUE(joined.at_server.intact && joined.at_client.intact);
}

TEST(H2ConnectionTest, APrivateSocketCarriesItWithoutTls) {
  constexpr std::uint64_t kSize = 64 << 20;
  Joined joined(Over::bare);
  Pattern up(kSize), down(kSize);
  joined.at_server.body = &down;
  joined.until([&] { return joined.at_client.settings > 0; });
  joined.post(&up);
  joined.until([&] { return joined.at_client.closed == 1 && joined.at_server.closed == 1; });
  EXPECT_TRUE(joined.at_server.intact && joined.at_client.intact);
  EXPECT_EQ(joined.at_server.received + joined.at_client.received, 2 * kSize);
  joined.client->stream().socket().shutdown(tcp::socket::shutdown_send);
  joined.until([&] { return joined.server_end.over && joined.client_end.over; });
  EXPECT_FALSE(joined.server_end.error);
}

TEST(H2ConnectionTest, AReaderThatStallsHoldsTheWriterWithinTheWindow) {
  constexpr std::uint64_t kSize = 40 << 20;
  Joined joined;
  Pattern up(kSize), down(1);
  joined.at_server.body = &down;
  joined.at_server.reading = false;
  joined.until([&] { return joined.at_client.settings > 0; });
  joined.post(&up);
  const auto window = http2::Limits().stream_window;
  joined.until([&] { return joined.at_server.received == window; });
  while (joined.context.poll_one() > 0) {
  }
  EXPECT_EQ(up.sent, window) << "not one byte more";
  Pattern other(1000);
  joined.post(&other);
  joined.until([&] { return other.sent == 1000; });  // other streams go on
  joined.at_server.catch_up();
  joined.until([&] { return up.sent == kSize && joined.at_server.ended == 2; });
}

TEST(H2ConnectionTest, BothSidesReturnWhenOneGoesAway) {
  Joined joined;
  joined.until([&] { return joined.at_client.settings > 0; });
  joined.server->go_away(http2::kNoError);
  joined.until([&] { return joined.client_end.over && joined.server_end.over; });
  EXPECT_FALSE(joined.client_end.error);
  EXPECT_FALSE(joined.server_end.error);
  EXPECT_FALSE(joined.server->stream().socket().is_open());
}

TEST(H2ConnectionTest, APeerThatVanishesEndsItWithoutAFailure) {
  Joined joined;
  Pattern up(1 << 30);
  joined.until([&] { return joined.at_client.settings > 0; });
  joined.post(&up);
  joined.until([&] { return up.sent > 1 << 20; });
  joined.client->stream().socket().shutdown(tcp::socket::shutdown_send);
  joined.until([&] { return joined.server_end.over; });
  EXPECT_FALSE(joined.server_end.error);
}

TEST(H2ConnectionTest, MoreThanTheReceiveLimitEndsItUntilThatIsLifted) {
  for (bool lifted : {false, true}) {
    Joined joined;
    Pattern up(100'000), down(1);
    joined.at_server.body = &down;
    joined.server->limit_received(50'000);
    if (lifted) joined.server->lift_receive_limit();
    joined.until([&] { return joined.at_client.settings > 0; });
    joined.post(&up);
    if (lifted) {
      joined.until([&] { return joined.at_server.ended == 1; });
      continue;
    }
    joined.until([&] { return joined.server_end.over; });
    EXPECT_EQ(joined.server_end.error->code, Errc::too_large);
  }
}

TEST(H2ConnectionTest, WhoLingersIsHeardByAPeerThatStillSendsALot) {
  for (auto over : {Over::tls, Over::bare}) {
    Joined joined(over);
    Pattern up(1), down(uint64_t{1} << 40);
    joined.at_server.body = &down;
    joined.until([&] { return joined.at_client.settings > 0; });
    joined.post(&up);
    joined.until([&] { return joined.at_client.received > 1 << 20; });
    joined.client->linger();
    joined.client->terminate(http2::kNoError);
    joined.until([&] { return joined.client_end.over; });
    EXPECT_EQ(joined.at_server.goodbyes, 1);
    EXPECT_FALSE(joined.client_end.error);
  }
}

TEST(H2ConnectionTest, APeerThatSpeaksTlsButNoHttp2IsToldSoInAGoaway) {
  asio::io_context context(1);
  auto [a, b] = connected_pair(context);
  Side events;
  auto server_tls = server_context(), client_tls = TlsContext::client();
  H2Connection server(std::move(b), server_tls, http2::Role::server, http2::Limits(), events);
  events.connection = &server;
  TlsStream client(std::move(a), client_tls);
  std::optional<Error> error;
  bool over = false;
  std::string heard;
  asio::co_spawn(context, Joined::serve(server), [&](std::exception_ptr failure) {
    over = true;
    if (failure) error = to_error(failure);
  });
  auto talk = [](TlsStream& stream, std::string& into) -> awaitable<void> {
    co_await stream.handshake();
    co_await stream.send("GET / HTTP/1.1\r\nHost: example\r\n\r\n");
    while (co_await stream.receive([&](std::string_view piece) { into += piece; })) {
    }
  };
  asio::co_spawn(context, talk(client, heard), [](std::exception_ptr) {});
  context.run();
  EXPECT_TRUE(over);
  EXPECT_EQ(error->code, Errc::malformed);
  EXPECT_EQ(error->message, "the peer does not speak HTTP/2");
  EXPECT_NE(heard.find("the peer does not speak HTTP/2"), std::string::npos);
}

}  // namespace
}  // namespace nigh::io
