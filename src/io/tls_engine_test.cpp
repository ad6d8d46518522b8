// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <random>

#include "io/tls_for_test.hpp"

namespace nigh::io {
namespace {

using namespace for_test;

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  std::minstd_rand random(1);
  for (auto& c : text) c = static_cast<char>(random() >> 8);
  return text;
}

TEST(TlsEngineTest, TheHandshakeWorksInPiecesOfEverySize) {
  for (std::size_t piece : {1, 2, 3, 5, 7, 16, 100, 1000, 100'000})
    for (bool early : {false, true}) {
      TlsPair pair;
      if (early) pair.server.early = "early";
      pair.shake(piece);
      ASSERT_TRUE(pair.client.connected && pair.server.connected) << piece;
      EXPECT_EQ(pair.client.plain, early ? "early" : "");
      EXPECT_EQ(pair.client.engine.alpn(), "h2");
      EXPECT_EQ(pair.server.engine.alpn(), "h2");
      EXPECT_EQ(pair.server.engine.cipher(), "TLS_AES_128_GCM_SHA256");
      EXPECT_NE(pair.server.engine.group().find("25519"), std::string::npos);
      EXPECT_EQ(pair.client.engine.group(), pair.server.engine.group());
    }
}

TEST(TlsEngineTest, EarlyBytesReachTheClientBeforeTheServerKnowsItsFinished) {
  TlsPair pair;
  pair.server.early = "SETTINGS";
  pair.client.work();
  pair.server.receive(pair.client.take_output());
  EXPECT_FALSE(pair.server.connected) << "it has seen no Finished yet";
  pair.client.receive(pair.server.take_output());
  EXPECT_TRUE(pair.client.connected);
  EXPECT_EQ(pair.client.plain, "SETTINGS");
  ASSERT_TRUE(pair.client.engine.write("request"));  // one flight with the Finished
  pair.server.receive(pair.client.take_output());
  EXPECT_TRUE(pair.server.connected);
  EXPECT_EQ(pair.server.plain, "request");
  EXPECT_EQ(pair.server.take_output(), "") << "no tickets";
}

TEST(TlsEngineTest, TheClientSeesTheWholeChain) {
  TlsPair pair;
  pair.shake();
  auto chain = pair.client.engine.peer_chain();
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[0], certificate().certificate);
  EXPECT_TRUE(pair.server.engine.peer_chain().empty());
}

TEST(TlsEngineTest, AnotherProtocolThanH2IsRefusedAndNoneIsLeftToTheCaller) {
  auto http1 = TlsContext::client();
  const unsigned char name[] = "\x08http/1.1";
  ASSERT_EQ(SSL_CTX_set_alpn_protos(http1.native(), name, 9), 0);
  TlsPair other(http1);
  other.shake();
  EXPECT_FALSE(other.server.connected);
  EXPECT_EQ(other.server.failure->code, Errc::refused);
  EXPECT_TRUE(other.client.failure->message.ends_with("no application protocol"));

  auto none = TlsContext::client();
  ASSERT_EQ(SSL_CTX_set_alpn_protos(none.native(), nullptr, 0), 0);
  TlsPair silent(none);
  silent.shake();
  EXPECT_TRUE(silent.server.connected);
  EXPECT_EQ(silent.server.engine.alpn(), "");
}

TEST(TlsEngineTest, OlderVersionsAreRefusedByBothSides) {
  auto old_client = TlsContext::client();
  SSL_CTX_set_min_proto_version(old_client.native(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(old_client.native(), TLS1_2_VERSION);
  TlsPair a(old_client);
  a.shake();
  EXPECT_EQ(a.server.failure->message, "TLS handshake: unsupported protocol");
  EXPECT_FALSE(a.client.connected);

  auto old_server = server_context();
  SSL_CTX_set_min_proto_version(old_server.native(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(old_server.native(), TLS1_2_VERSION);
  TlsPair b(TlsContext::client(), old_server);
  b.shake();
  EXPECT_FALSE(b.client.connected);
  EXPECT_EQ(b.client.failure->code, Errc::refused);
}

TEST(TlsEngineTest, WhatIsNoTlsIsRefusedByName) {
  End server(server_context());
  server.receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(server.failure->message, "TLS handshake: http request");
  End client(TlsContext::client());
  client.work();
  client.receive("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(client.failure->code, Errc::refused);
}

TEST(TlsEngineTest, TheExporterIsEqualOnBothSidesAndBoundToContextLabelAndConnection) {
  TlsPair pair, other;
  pair.shake();
  other.shake();
  auto value = [](const End& end, std::string_view label, std::string_view context) {
    return end.engine.exporter(label, context, 32);
  };
  auto alice = value(pair.client, "EXPORTER-a", "alice");
  EXPECT_EQ(alice.size(), 32u);
  EXPECT_EQ(value(pair.server, "EXPORTER-a", "alice"), alice);
  EXPECT_NE(value(pair.server, "EXPORTER-a", "bob"), alice);
  EXPECT_NE(value(pair.server, "EXPORTER-a", ""), alice);
  EXPECT_NE(value(pair.server, "EXPORTER-b", "alice"), alice);
  EXPECT_NE(value(other.server, "EXPORTER-a", "alice"), alice);
}

TEST(TlsEngineTest, LargeDataArrivesIntactInWhateverPieces) {
  for (std::size_t piece : {997, 16'384, 300'000}) {
    TlsPair pair;
    pair.shake();
    auto sent = noise(3'000'000);
    ASSERT_TRUE(pair.client.engine.write(sent));
    ASSERT_TRUE(pair.server.engine.write(sent));
    while (!pair.client.engine.output().empty())
      pair.server.receive(pair.client.take_output(piece));
    while (!pair.server.engine.output().empty())
      pair.client.receive(pair.server.take_output(piece));
    EXPECT_TRUE(pair.server.plain == sent);
    EXPECT_TRUE(pair.client.plain == sent);
  }
}

TEST(TlsEngineTest, ACleanEndIsToldFromATruncatedOne) {
  TlsPair clean;
  clean.shake();
  ASSERT_TRUE(clean.client.engine.write("last"));
  clean.client.engine.close();
  clean.server.receive(clean.client.take_output());
  EXPECT_EQ(clean.server.plain, "last");
  EXPECT_TRUE(clean.server.ended);

  TlsPair cut;
  cut.shake();
  ASSERT_TRUE(cut.client.engine.write("last"));
  auto record = cut.client.take_output();
  cut.server.receive(record.substr(0, record.size() - 1));
  EXPECT_EQ(cut.server.plain, "") << "nothing that TLS cannot vouch for";
  EXPECT_FALSE(cut.server.ended);
  EXPECT_FALSE(cut.server.failure);
}

TEST(TlsEngineTest, AnAlteredOrRepeatedRecordIsRefused) {
  for (std::size_t at : {std::size_t{5}, std::size_t{12}, SIZE_MAX}) {
    TlsPair pair;
    pair.shake();
    ASSERT_TRUE(pair.client.engine.write("secret"));
    auto record = pair.client.take_output();
    if (at != SIZE_MAX) record[at] = static_cast<char>(record[at] ^ 1);
    pair.server.receive(record);
    if (at == SIZE_MAX) pair.server.receive(record);
    EXPECT_EQ(pair.server.failure->code, Errc::refused);
    EXPECT_EQ(pair.server.plain, at == SIZE_MAX ? "secret" : "");
  }
}

TEST(TlsEngineTest, KeptInputSurvivesItsBuffer) {
  TlsPair pair;
  pair.client.work();
  pair.server.receive(pair.client.take_output());
  pair.client.receive(pair.server.take_output());
  ASSERT_TRUE(pair.client.engine.write("with the Finished"));
  {
    auto flight = pair.client.take_output();
    pair.server.engine.feed(flight);
    ASSERT_EQ(pair.server.engine.handshake(), TlsEngine::Progress::done);
    pair.server.engine.keep_input();
  }
  pair.server.connected = true;
  pair.server.work();
  EXPECT_EQ(pair.server.plain, "with the Finished");
}

TEST(TlsContextTest, AKeyThatDoesNotFitItsCertificateIsRefused) {
  auto other = make_certificate();
  const auto& right = certificate();
  EXPECT_FALSE(TlsContext::server(other.key, right.certificate, right.certificate));
  EXPECT_FALSE(TlsContext::server("", right.certificate, right.certificate));
  EXPECT_FALSE(TlsContext::server(right.key, "x", right.certificate));
  EXPECT_FALSE(TlsContext::server(right.key, right.certificate, ""));
}

}  // namespace
}  // namespace nigh::io
