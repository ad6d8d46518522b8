// SPDX-License-Identifier: Apache-2.0
#include "http2/session.hpp"

#include <gtest/gtest.h>

#include "http2/test_pair.hpp"

namespace nigh::http2 {
namespace {

using namespace testing;

std::string letters(std::size_t size) {
  std::string text(size, '\0');
  std::mt19937 random(7);
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Session, ARequestReachesTheServerAndItsAnswerComesBack) {
  Pair pair;
  Text answer("hello");
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), &answer));
  };
  auto id = unwrap(pair.client.submit_request(get("/v1/"), nullptr));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(*find(pair.at_server.streams[id].headers, ":path"), "/v1/");
  EXPECT_TRUE(pair.at_server.streams[id].ended);
  auto& seen = pair.at_client.streams[id];
  EXPECT_EQ(*find(seen.headers, ":status"), "200");
  EXPECT_EQ(find(seen.headers, "location"), nullptr);
  EXPECT_EQ(seen.body, "hello");
  EXPECT_TRUE(seen.ended);
  EXPECT_EQ(seen.closed, kNoError);
  EXPECT_EQ(pair.server.open_streams(), 0u);
  EXPECT_EQ(pair.client.open_streams(), 0u);
  EXPECT_EQ(pair.at_client.settings, 1);
  EXPECT_TRUE(pair.client.peer_allows_connect_protocol());
}

TEST(Session, ASensitiveFieldArrivesMarkedAsSensitive) {
  Pair pair;
  auto fields = get("/");
  fields.push_back({"authorization", "SSHSIG x", true});
  auto id = unwrap(pair.client.submit_request(fields, nullptr));
  ASSERT_TRUE(pair.pump());
  auto& got = pair.at_server.streams[id].headers;
  EXPECT_TRUE(got.back().sensitive);
  EXPECT_FALSE(got.front().sensitive);
}

TEST(Session, ExtendedConnectCarriesItsProtocol) {
  Pair pair;
  auto fields = get("/v1/sessions");
  fields[0].value = "CONNECT";
  fields.push_back({":protocol", "nigh-session"});
  auto id = unwrap(pair.client.submit_request(fields, nullptr));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(*find(pair.at_server.streams[id].headers, ":protocol"), "nigh-session");
}

TEST(Session, BothDirectionsOfAStreamFlowAtTheSameTime) {
  Pair pair;
  Text up("ping", false), down("", false);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), &down));
  };
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].body, "ping");
  down.text = "pong";
  pair.server.resume(id);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].body, "pong");
  up.text += " again";
  up.complete = true;
  pair.client.resume(id);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].body, "ping again");
  EXPECT_TRUE(pair.at_server.streams[id].ended);
  EXPECT_FALSE(pair.at_client.streams[id].ended);
  EXPECT_EQ(pair.client.open_streams(), 1u);
}

TEST(Session, ASourceThatWaitsIsNotAskedBeforeItIsResumed) {
  Pair pair;
  Text body("abc", false);
  auto id = unwrap(pair.client.submit_request(post("/"), &body));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(body.reads, 1);
  EXPECT_FALSE(pair.client.wants_write());
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(body.reads, 1);
  body.complete = true;
  pair.client.resume(id);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(body.reads, 2);
  EXPECT_EQ(pair.at_server.streams[id].body, "abc");
  EXPECT_TRUE(pair.at_server.streams[id].ended);
}

TEST(Session, ASourceResumedBeforeItIsAskedAgainIsAskedAgain) {
  Pair pair;
  Text body("abc", false, 3);
  auto id = unwrap(pair.client.submit_request(post("/"), &body));
  OutBuffer out;
  pair.client.produce(out);
  body.text += "def";
  pair.client.resume(id);
  ASSERT_TRUE(pair.server.receive(out.view()));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].body, "abcdef");
}

TEST(Session, AnEmptyBodyEndsItsStream) {
  Pair pair;
  Text body("");
  auto id = unwrap(pair.client.submit_request(post("/"), &body));
  ASSERT_TRUE(pair.pump());
  EXPECT_TRUE(pair.at_server.streams[id].ended);
  EXPECT_EQ(pair.at_server.streams[id].body, "");
}

struct Cut {
  const char* name;
  std::size_t largest_piece;
  std::size_t buffer;
};
class Cutting : public ::testing::TestWithParam<Cut> {};

TEST_P(Cutting, LeavesLargeBodiesIntact) {
  Pair pair;
  std::mt19937 random(3);
  pair.piece = [&] { return 1 + random() % GetParam().largest_piece; };
  pair.buffer_size = GetParam().buffer;
  std::string text = letters(200'000);
  Text up(text), down(text, true, 1000);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), &down));
  };
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  EXPECT_TRUE(pair.at_server.streams[id].body == text);
  EXPECT_TRUE(pair.at_client.streams[id].body == text);
  EXPECT_EQ(pair.at_client.streams[id].closed, kNoError);
}
INSTANTIATE_TEST_SUITE_P(
    Sizes, Cutting,
    ::testing::Values(Cut{"single_bytes", 1, OutBuffer::kDefaultCapacity},
                      Cut{"small_pieces", 40, OutBuffer::kDefaultCapacity},
                      Cut{"large_pieces", 100'000, OutBuffer::kDefaultCapacity},
                      Cut{"a_tiny_output_buffer", 1000, 16}, Cut{"an_odd_output_buffer", 5000, 777},
                      Cut{"a_buffer_of_one_frame", 100'000, 16'384 + 9}),
    [](const auto& tested) { return tested.param.name; });

TEST(Session, AClientsResetEndsTheStreamOnBothSides) {
  Pair pair;
  Text up("x", false), down("y", false);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), &down));
  };
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  pair.client.reset(id, kCancel);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].closed, kCancel);
  EXPECT_EQ(pair.at_server.streams[id].closed, kCancel);
  EXPECT_FALSE(pair.server.submit_response(id, ok(), nullptr));
  pair.server.resume(id);
  pair.server.consume(id, 1);
  pair.server.reset(id, kCancel);
  EXPECT_TRUE(pair.pump());
}

TEST(Session, AServersResetEndsTheStreamAndItsSourceIsLeftAlone) {
  Pair pair;
  auto down = std::make_unique<Text>(std::string(1 << 20, 'd'), false);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), down.get()));
  };
  auto id = unwrap(pair.client.submit_request(get("/"), nullptr));
  pair.at_client.reading = false;
  ASSERT_TRUE(pair.pump());
  pair.server.reset(id, kInternalError);
  down.reset();  // the contract allows it from here on; ASan would tell
  pair.at_client.catch_up();
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].closed, kInternalError);
}

TEST(Session, ARequestResetBeforeItWasSentIsNeverSent) {
  Pair pair;
  Text up("x");
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  pair.client.reset(id, kCancel);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].closed, kCancel);
  EXPECT_TRUE(pair.at_server.streams.empty());
  EXPECT_EQ(up.reads, 0);
}

TEST(Session, AnEarlyAnswerTellsThePeerToStopSending) {
  Pair pair;
  Zeros up(std::uint64_t{1} << 40);
  Text answer("no room for that");
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, {{":status", "413"}}, &answer));
    pair.server.stop_reading(id);
  };
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].body, answer.text);
  EXPECT_TRUE(pair.at_client.streams[id].ended);
  EXPECT_EQ(pair.at_client.streams[id].closed, kNoError);
  EXPECT_EQ(pair.at_server.streams[id].body, "");
  EXPECT_EQ(pair.server.open_streams(), 0u);
}

TEST(Session, StoppingToReadAfterTheAnswerWasSentEndsTheStream) {
  Pair pair;
  Text up("x", false);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), nullptr));
  };
  auto id = unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].closed, std::nullopt);
  pair.server.stop_reading(id);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_server.streams[id].closed, kNoError);
}

TEST(Session, ADrainingServerFinishesWhatRunsAndThenIsFinished) {
  Pair pair;
  Text down("part", false);
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), &down));
  };
  auto id = unwrap(pair.client.submit_request(get("/"), nullptr));
  ASSERT_TRUE(pair.pump());
  pair.server.announce_shutdown();
  ASSERT_TRUE(pair.pump());
  pair.server.go_away(kNoError);
  ASSERT_TRUE(pair.pump());
  ASSERT_EQ(pair.at_client.goaways.size(), 2u);
  EXPECT_EQ(pair.at_client.goaways[0].first, 0x7fff'ffff);
  EXPECT_EQ(pair.at_client.goaways[1].first, id);
  EXPECT_EQ(pair.client.submit_request(get("/"), nullptr).error().code, Errc::closed);
  EXPECT_FALSE(pair.server.finished());
  down.text = "part and rest";
  down.complete = true;
  pair.server.resume(id);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].body, "part and rest");
  EXPECT_TRUE(pair.server.finished());
  EXPECT_TRUE(pair.client.finished());
  EXPECT_EQ(pair.server.failure(), nullptr);
}

TEST(Session, TerminateFinishesAtOnce) {
  Pair pair;
  Text up("x", false);
  unwrap(pair.client.submit_request(post("/"), &up));
  ASSERT_TRUE(pair.pump());
  pair.server.terminate(kEnhanceYourCalm);
  ASSERT_TRUE(pair.pump());
  EXPECT_TRUE(pair.server.finished());
  EXPECT_EQ(pair.server.failure(), nullptr);
  EXPECT_EQ(pair.at_client.goaways.back().second, kEnhanceYourCalm);
}

TEST(Session, APingComesBackWithItsBytes) {
  Pair pair;
  pair.client.ping(0x0123456789abcdef);
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.pongs, std::vector<std::uint64_t>{0x0123456789abcdef});
}

TEST(Session, InformationalAnswersAndTrailersAreDropped) {
  Pair pair;
  OutBuffer out;
  auto id = unwrap(pair.client.submit_request(get("/"), nullptr));
  pair.client.produce(out);
  auto answer =
      frame(kSettings, 0, 0, "") + frame(kHeaders, kEndHeaders, id, literal(":status", "103")) +
      frame(kHeaders, kEndHeaders, id, literal(":status", "200")) + frame(kData, 0, id, "body") +
      frame(kHeaders, kEndHeaders | kEndStream, id, literal("sum", "1"));
  ASSERT_TRUE(pair.client.receive(answer));
  auto& seen = pair.at_client.streams[id];
  EXPECT_EQ(seen.headers_count, 1);
  EXPECT_EQ(*find(seen.headers, ":status"), "200");
  EXPECT_EQ(find(seen.headers, "sum"), nullptr);
  EXPECT_EQ(seen.body, "body");
  EXPECT_TRUE(seen.ended);
}

TEST(Session, AnExceptionOfAHandlerComesOutOfReceiveAndEndsTheSession) {
  Pair pair;
  pair.at_server.when_headers = [](StreamId) { throw std::logic_error("a bug"); };
  unwrap(pair.client.submit_request(get("/"), nullptr));
  OutBuffer out;
  pair.client.produce(out);
  EXPECT_THROW(unwrap(pair.server.receive(out.view())), std::logic_error);
  EXPECT_FALSE(pair.server.wants_read());
  EXPECT_FALSE(pair.server.receive("more"));
  OutBuffer last;
  pair.server.produce(last);
  EXPECT_TRUE(pair.server.finished());
  ASSERT_TRUE(pair.client.receive(last.view()));
  EXPECT_EQ(pair.at_client.goaways.back().second, kInternalError);
}

TEST(Session, AnExceptionOfASourceComesOutOfProduce) {
  struct Broken : BodySource {
    Chunk read(std::span<char>) override { throw std::runtime_error("cannot read"); }
  } broken;
  Pair pair;
  unwrap(pair.client.submit_request(post("/"), &broken));
  OutBuffer out;
  EXPECT_THROW(pair.client.produce(out), std::runtime_error);
  EXPECT_NE(pair.client.failure(), nullptr);
}

TEST(Session, AnAnswerToHeadHasNoBody) {
  Pair pair;
  Text body("never sent");
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, ok(), &body));
  };
  auto fields = get("/");
  fields[0].value = "HEAD";
  auto id = unwrap(pair.client.submit_request(fields, nullptr));
  ASSERT_TRUE(pair.pump());
  EXPECT_TRUE(pair.at_client.streams[id].ended);
  EXPECT_EQ(pair.at_client.streams[id].closed, kNoError);
  EXPECT_EQ(body.reads, 0);
}

TEST(Session, AnAnswerTooLargeToSendResetsItsStream) {
  Pair pair;
  pair.at_server.when_headers = [&](StreamId id) {
    unwrap(pair.server.submit_response(id, {{":status", "200"}, {"x", std::string(100'000, 'x')}},
                                       nullptr));
  };
  auto id = unwrap(pair.client.submit_request(get("/"), nullptr));
  ASSERT_TRUE(pair.pump());
  EXPECT_EQ(pair.at_client.streams[id].closed, kInternalError);
}

}  // namespace
}  // namespace nigh::http2
