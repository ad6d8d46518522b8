// SPDX-License-Identifier: Apache-2.0
// Peers that break or strain the protocol: named, answered with GOAWAY, never stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http2/budget.hpp"
#include "http2/test_pair.hpp"

namespace nigh::http2 {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// A server that sees what a client of hand-made frames sends.
class Server {
 public:
  explicit Server(const Limits& limits = {})
      : session(Role::server, limits, events, [this] { return now; }) {
    events.session = &session;
    send(preface());
  }
  // False once the session has failed.
  bool send(const std::string& bytes) {
    if (auto done = session.receive(bytes); !done) return false;
    if (reads_answers) drain();
    return session.failure() == nullptr;
  }
  void drain() {
    for (OutBuffer out;; out.clear()) {
      session.produce(out);
      if (out.empty()) return;
      answers += out.view();
    }
  }
  // Sends until the session fails, `limit` times at most; how many were accepted.
  int flood(int limit, const std::function<std::string(int)>& make) {
    for (int i = 0; i < limit; ++i)
      if (!send(make(i))) return i;
    return limit;
  }

  Recorder events;
  Budget::Time now{std::chrono::hours(1)};
  Session session;
  bool reads_answers = true;
  std::string answers;
};

bool has_frame(std::string_view bytes, std::uint8_t type, std::string_view payload_part) {
  while (bytes.size() >= 9) {
    auto size = std::size_t{static_cast<std::uint8_t>(bytes[0])} << 16 |
                std::size_t{static_cast<std::uint8_t>(bytes[1])} << 8 |
                static_cast<std::uint8_t>(bytes[2]);
    if (static_cast<std::uint8_t>(bytes[3]) == type &&
        bytes.substr(9, size).find(payload_part) != std::string_view::npos)
      return true;
    bytes.remove_prefix(std::min(bytes.size(), 9 + size));
  }
  return false;
}

std::string no_flags(std::uint8_t type, StreamId id, const std::string& payload) {
  return frame(type, 0, id, payload);
}

struct Flood {
  const char* name;
  std::uint32_t Budgets::* budget;
  std::string before;
  std::function<std::string(int)> frame;
  const char* message;
};
class Floods : public ::testing::TestWithParam<Flood> {};

TEST_P(Floods, EndTheConnectionWhenTheBudgetIsSpentAndNotBefore) {
  Limits limits;
  limits.budgets.*GetParam().budget = 30;
  Server server(limits);
  ASSERT_TRUE(server.send(GetParam().before));
  int spent_by_preface = GetParam().budget == &Budgets::settings ? 1 : 0;
  EXPECT_EQ(server.flood(1000, GetParam().frame), 30 - spent_by_preface);
  ASSERT_NE(server.session.failure(), nullptr);
  EXPECT_EQ(server.session.failure()->code, Errc::too_large);
  EXPECT_THAT(server.session.failure()->message, HasSubstr(GetParam().message));
  server.drain();
  EXPECT_TRUE(has_frame(server.answers, kGoaway, GetParam().message));
  EXPECT_TRUE(server.session.finished());
}

TEST_P(Floods, AtAPaceWithinTheBudgetAreAccepted) {
  Limits limits;
  limits.budgets.*GetParam().budget = 30;
  Server server(limits);
  ASSERT_TRUE(server.send(GetParam().before));
  EXPECT_EQ(server.flood(200,
                         [&](int i) {
                           server.now += std::chrono::milliseconds(334);
                           return GetParam().frame(i);
                         }),
            200);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Floods,
    ::testing::Values(
        Flood{"rapid_reset", &Budgets::resets, "",
              [](int i) {
                return get_frame(2 * i + 1) + no_flags(kReset, 2 * i + 1, number(kCancel, 4));
              },
              "RST_STREAM"},
        Flood{"resets_that_we_are_made_to_send", &Budgets::resets, "",
              [](int i) {
                return frame(kHeaders, kEndHeaders, 2 * i + 1,
                             get_block() + literal("connection", "close"));
              },
              "streams that must be reset"},
        Flood{"pings", &Budgets::pings, "",
              [](int) { return no_flags(kPing, 0, std::string(8, 'p')); }, "PING"},
        Flood{"ping_answers_to_nothing", &Budgets::pings, "",
              [](int) { return frame(kPing, 1, 0, std::string(8, 'p')); }, "PING"},
        Flood{"settings", &Budgets::settings, "", [](int) { return no_flags(kSettings, 0, ""); },
              "SETTINGS"},
        Flood{"priorities", &Budgets::priorities, "",
              [](int i) { return no_flags(kPriority, 2 * i + 1, number(0, 4) + number(7, 1)); },
              "PRIORITY"},
        Flood{"empty_data", &Budgets::empty_data, get_frame(1, 0),
              [](int) { return no_flags(kData, 1, ""); }, "DATA"},
        Flood{"data_of_padding_only", &Budgets::empty_data, get_frame(1, 0),
              [](int) { return frame(kData, kPadded, 1, number(100, 1) + std::string(100, '\0')); },
              "DATA"},
        Flood{"window_updates", &Budgets::window_updates, "",
              [](int) { return no_flags(kWindowUpdate, 0, number(1, 4)); }, "WINDOW_UPDATE"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Hostile, WindowUpdatesThatOurDataDrawsAreNotCounted) {
  Limits limits;
  limits.budgets.window_updates = 30;
  Server server(limits);
  Zeros down(10'000'000);
  server.events.when_headers = [&](StreamId id) {
    unwrap(server.session.submit_response(id, ok(), &down));
  };
  ASSERT_TRUE(server.send(get_frame(1)));
  EXPECT_EQ(server.flood(200,
                         [](int) {
                           return no_flags(kWindowUpdate, 1, number(10'000, 4)) +
                                  no_flags(kWindowUpdate, 0, number(10'000, 4));
                         }),
            200);
}

// ---- headers ---------------------------------------------------------------------------------

std::string fields_block(int count, std::size_t value_size) {
  std::string block = get_block();
  for (int i = 0; i < count; ++i) block += literal("x", std::string(value_size, 'v'));
  return block;
}

struct Oversize {
  const char* name;
  int fields;
  std::size_t value_size;
};
class OverTheLimit : public ::testing::TestWithParam<Oversize> {};

TEST_P(OverTheLimit, ARequestIsAnswered431WithoutAnEventAndTheConnectionGoesOn) {
  Limits limits;
  limits.header_bytes = 4000;
  limits.header_fields = 50;
  Server server(limits);
  auto block = fields_block(GetParam().fields, GetParam().value_size);
  ASSERT_TRUE(server.send(frame(kHeaders, kEndHeaders, 1, block)));
  EXPECT_TRUE(server.events.streams.empty());
  EXPECT_TRUE(has_frame(server.answers, kHeaders, ""));
  EXPECT_TRUE(has_frame(server.answers, kReset, number(kNoError, 4)));
  EXPECT_EQ(server.session.open_streams(), 0u);
  ASSERT_TRUE(server.send(no_flags(kData, 1, "late")));
  ASSERT_TRUE(server.send(get_frame(3)));
  EXPECT_EQ(server.events.streams.size(), 1u);
}
INSTANTIATE_TEST_SUITE_P(Kinds, OverTheLimit,
                         ::testing::Values(Oversize{"many_fields", 60, 1},
                                           Oversize{"many_bytes", 30, 110}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Hostile, TheClientOfAnOversizedRequestSees431) {
  Limits limits;
  limits.header_bytes = 4000;
  Pair pair({}, limits);
  auto fields = get("/");
  fields.push_back({"x", std::string(5000, 'x')});
  Text body("some body", false);
  auto id = unwrap(pair.client.submit_request(fields, &body));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(*find(pair.at_client.streams[id].headers, ":status"), "431");
  EXPECT_EQ(pair.at_client.streams[id].closed, kNoError);
}

TEST(Hostile, AHeaderFarOverTheLimitEndsTheConnectionWhileItArrives) {
  Limits limits;
  limits.header_bytes = 4000;
  Server server(limits);
  // No END_HEADERS: nothing waits for the end of the block.
  EXPECT_FALSE(server.send(frame(kHeaders, 0, 1, fields_block(110, 100))));
  EXPECT_EQ(server.session.failure()->code, Errc::too_large);
  EXPECT_THAT(server.session.failure()->message, HasSubstr("header"));
}

TEST(Hostile, AnOversizedAnswerResetsItsStream) {
  Limits limits;
  limits.header_bytes = 4000;
  Pair pair(limits);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, {{":status", "200"}, {"x", std::string(5000, 'x')}},
                                       nullptr));
  };
  auto id = unwrap(pair.client.submit_request(get("/"), nullptr));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].headers_count, 0);
  EXPECT_NE(pair.at_client.streams[id].closed, std::nullopt);
}

TEST(Hostile, AContinuationFloodEndsTheConnection) {
  Server server;
  ASSERT_TRUE(server.send(frame(kHeaders, 0, 1, get_block())));
  EXPECT_LT(server.flood(100, [](int) { return no_flags(kContinuation, 1, ""); }), 20);
  EXPECT_THAT(server.session.failure()->message, HasSubstr("CONTINUATION"));
}

// ---- what breaks the protocol ----------------------------------------------------------------

struct Broken {
  const char* name;
  std::string bytes;
  const char* message;
};
class Breaches : public ::testing::TestWithParam<Broken> {};

TEST_P(Breaches, EndTheConnectionAndAreNamed) {
  Server server;
  ASSERT_TRUE(server.send(get_frame(1, 0)));
  EXPECT_FALSE(server.send(GetParam().bytes));
  ASSERT_NE(server.session.failure(), nullptr);
  EXPECT_THAT(server.session.failure()->message, HasSubstr(GetParam().message));
  server.drain();
  EXPECT_TRUE(has_frame(server.answers, kGoaway, ""));
  EXPECT_TRUE(server.session.finished());
  EXPECT_FALSE(server.session.receive(get_frame(101)));
  EXPECT_EQ(server.events.streams.count(101), 0u);
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, Breaches,
    ::testing::Values(
        Broken{"a_huge_length",
               number(0xffffff, 3) + number(kData, 1) + number(0, 1) + number(1, 4), "too large"},
        Broken{"data_for_no_stream", no_flags(kData, 99, "x"), "idle"},
        Broken{"an_even_stream", get_frame(2), "PROTOCOL_ERROR"},
        Broken{"data_after_the_end", get_frame(3) + no_flags(kData, 3, "x"), "STREAM_CLOSED"},
        Broken{"a_window_over_its_limit", no_flags(kWindowUpdate, 0, number(0x7fffffff, 4)),
               "FLOW_CONTROL"},
        Broken{"a_push_promise_from_a_client", frame(5, kEndHeaders, 1, number(2, 4)), "PUSH"},
        Broken{"a_ping_of_seven_bytes", no_flags(kPing, 0, "1234567"), "FRAME_SIZE"},
        Broken{"a_bad_header_block", frame(kHeaders, kEndHeaders, 3, "\xff\xff\xff\xff\xff\xff"),
               "COMPRESSION"},
        Broken{"too_many_settings",
               no_flags(kSettings, 0,
                        [] {
                          std::string all;
                          for (int i = 0; i < 40; ++i) all += number(0x99, 2) + number(1, 4);
                          return all;
                        }()),
               "SETTINGS"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Hostile, APeerThatSpeaksAnotherProtocolIsNamed) {
  Recorder events;
  Session session(Role::server, {}, events);
  auto done = session.receive("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::malformed);
  EXPECT_EQ(done.error().message, "the peer does not speak HTTP/2");
  OutBuffer out;
  session.produce(out);
  EXPECT_TRUE(has_frame(out.view(), kSettings, ""));
  EXPECT_TRUE(has_frame(out.view(), kGoaway, "does not speak"));
}

TEST(Hostile, DataOverTheWindowResetsTheStreamAndIsNotDeliveredForever) {
  Limits limits;
  limits.stream_window = 100'000;
  Server server(limits);
  server.events.reading = false;
  ASSERT_TRUE(server.send(frame(kSettings, 1, 0, "") + get_frame(1, 0)));
  server.flood(20, [](int) { return no_flags(kData, 1, std::string(16'000, 'd')); });
  EXPECT_TRUE(has_frame(server.answers, kReset, number(3 /* FLOW_CONTROL_ERROR */, 4)));
  EXPECT_TRUE(server.events.streams[1].closed);
  // What crossed the line may still come, in pieces no larger than what receive() was given.
  EXPECT_LE(server.events.streams[1].body.size(), 100'000u + 16'000u);
}

TEST(Hostile, MalformedRequestsNeverBecomeEvents) {
  Server server;
  const std::string blocks[] = {
      literal(":method", "GET"),                        // no path, no scheme
      get_block() + literal("Upper", "case"),           // names are lower case
      get_block() + literal(":status", "200"),          // not a request's field
      get_block() + literal("transfer-encoding", "x"),  // HTTP/1.1 only
      literal("a", "b") + get_block(),                  // pseudo-header fields come first
      get_block() + literal("x", std::string("a\0b", 3)),
  };
  StreamId id = 1;
  for (const auto& block : blocks) {
    ASSERT_TRUE(server.send(frame(kHeaders, kEndHeaders | kEndStream, id, block))) << id;
    id += 2;
  }
  EXPECT_TRUE(server.events.streams.empty());
  EXPECT_EQ(server.session.open_streams(), 0u);
}

TEST(Hostile, MoreStreamsThanAllowedAreRefused) {
  Limits limits;
  limits.concurrent_streams = 5;
  Server server(limits);
  std::string burst;
  for (StreamId id = 1; id < 30; id += 2) burst += get_frame(id);
  ASSERT_TRUE(server.send(burst));
  EXPECT_EQ(server.events.streams.size(), 5u);
  EXPECT_TRUE(has_frame(server.answers, kReset, number(kRefusedStream, 4)));
}

TEST(Hostile, APeerThatProvokesAnswersAndReadsNoneIsCutOff) {
  Limits limits;
  limits.concurrent_streams = 5;
  Server server(limits);
  server.reads_answers = false;
  EXPECT_LT(server.flood(10'000, [](int i) { return get_frame(2 * i + 1); }), 1100);
  EXPECT_THAT(server.session.failure()->message, HasSubstr("does not read"));
}

TEST(Hostile, WhoIsKnownMayResetMore) {
  Limits limits;
  limits.budgets.resets = 3;
  Server server(limits);
  server.session.raise_limits(limits);
  EXPECT_EQ(server.flood(5000,
                         [](int i) {
                           StreamId id = 2 * i + 1;
                           return get_frame(id) + no_flags(kReset, id, number(kCancel, 4));
                         }),
            5000);
  EXPECT_EQ(server.session.failure(), nullptr);
}

TEST(Hostile, WhoIsKnownMayOpenMore) {
  Limits limits;
  limits.concurrent_streams = 5;
  Server server(limits);
  limits.concurrent_streams = 50;
  server.session.raise_limits(limits);
  std::string burst;
  for (StreamId id = 1; id < 200; id += 2) burst += get_frame(id);
  ASSERT_TRUE(server.send(burst));
  EXPECT_EQ(server.events.streams.size(), 50u);
}

TEST(Hostile, AServerThatResetsManyStreamsDoesNotEndItsClient) {
  Limits limits;
  limits.budgets.resets = 3;
  Pair pair(limits);
  pair.at_server.when_headers = [&](StreamId id) { pair.server.reset(id, kCancel); };
  for (int i = 0; i < 50; ++i) unwrap(pair.client.submit_request(get("/"), nullptr));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.client.open_streams(), 0u);
}

}  // namespace
}  // namespace nigh::http2
