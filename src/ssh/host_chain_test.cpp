// SPDX-License-Identifier: Apache-2.0
#include "ssh/host_chain.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "ssh/armor.hpp"
#include "ssh/ssh_keygen_for_test.hpp"

namespace nigh::ssh {
namespace {

using namespace std::chrono_literals;
using for_test::KeyKind;
using for_test::must_run;
using for_test::read_file;
using for_test::TempDir;

constexpr std::int64_t kNow = 1'800'000'000;

HostChain chain_of(const PrivateKey& key, std::int64_t now = kNow) {
  return unwrap(make_host_chain(key, now, 24h));
}
std::string refusal(std::string_view leaf, std::string_view host, std::int64_t now = kNow) {
  auto key = verify_host_chain(leaf, host, now);
  EXPECT_FALSE(key);
  return key ? "" : key.error().message;
}
void expect_contains(std::string_view text, std::string_view part) {
  EXPECT_NE(text.find(part), text.npos) << text;
}

class EveryHostKey : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, EveryHostKey, ::testing::ValuesIn(for_test::all_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EveryHostKey, ComesOutOfTheChainAsItWentIn) {
  auto key = for_test::load_key(GetParam());
  auto chain = chain_of(key);
  auto verified = verify_host_chain(chain.leaf_der, chain.host_der, kNow);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(*verified, key.public_key());
}

TEST_P(EveryHostKey, MakesAChainThatOpensslAccepts) {
  TempDir dir;
  auto chain = chain_of(for_test::load_key(GetParam()), std::time(nullptr));
  auto host = dir.write("host", armor("CERTIFICATE", chain.host_der).expose());
  auto leaf = dir.write("leaf", armor("CERTIFICATE", chain.leaf_der).expose());
  must_run({"openssl", "verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslserver",
            "-CAfile", host, leaf});
  auto key = dir.write("key", chain.leaf_key_der.expose());
  EXPECT_EQ(must_run({"openssl", "pkey", "-inform", "DER", "-in", key, "-pubout"}),
            must_run({"openssl", "x509", "-in", leaf, "-noout", "-pubkey"}));
}

class AlteredHostChain : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, AlteredHostChain, ::testing::ValuesIn(for_test::quick_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(AlteredHostChain, IsRefusedWhicheverByteChanged) {
  auto chain = chain_of(for_test::load_key(GetParam()));
  for (std::size_t i = 0; i < chain.leaf_der.size(); ++i)
    EXPECT_FALSE(verify_host_chain(for_test::with_flip(chain.leaf_der, i, 1), chain.host_der, kNow))
        << i;
  for (std::size_t i = 0; i < chain.host_der.size(); ++i)
    EXPECT_FALSE(verify_host_chain(chain.leaf_der, for_test::with_flip(chain.host_der, i, 1), kNow))
        << i;
  EXPECT_FALSE(verify_host_chain(chain.leaf_der + '\0', chain.host_der, kNow));
  EXPECT_FALSE(verify_host_chain(chain.leaf_der, chain.host_der + '\0', kNow));
}

TEST(HostChain, HasAFreshLeafKeyEachTime) {
  auto key = for_test::load_key({"ed25519", ""});
  EXPECT_NE(chain_of(key).leaf_key_der.expose(), chain_of(key).leaf_key_der.expose());
}

TEST(HostChain, IsValidFromAnHourBeforeUntilItsLifetimeEnds) {
  auto chain = chain_of(for_test::load_key({"ed25519", ""}));
  EXPECT_TRUE(verify_host_chain(chain.leaf_der, chain.host_der, kNow - 3600));
  EXPECT_TRUE(verify_host_chain(chain.leaf_der, chain.host_der, kNow + 24 * 3600 - 1));
  expect_contains(refusal(chain.leaf_der, chain.host_der, kNow - 3601), "not valid yet");
  expect_contains(refusal(chain.leaf_der, chain.host_der, kNow + 24 * 3600 + 1), "expired");
}

TEST(HostChain, OfTwoHostsDoesNotMix) {
  auto a = chain_of(for_test::load_key({"ed25519", ""}));
  auto b = chain_of(unwrap(PrivateKey::generate_ed25519()));
  expect_contains(refusal(a.leaf_der, b.host_der), "not signed by its host key");
  expect_contains(refusal(b.leaf_der, a.host_der), "not signed by its host key");
}

TEST(HostChain, NeedsEachCertificateInItsPlace) {
  auto chain = chain_of(for_test::load_key({"ed25519", ""}));
  expect_contains(refusal(chain.host_der, chain.host_der), "leaf certificate is not for this use");
  expect_contains(refusal(chain.host_der, chain.leaf_der), "host certificate was not signed");
}

TEST(HostChain, RefusesWhatIsNoCertificate) {
  auto chain = chain_of(for_test::load_key({"ed25519", ""}));
  for (const std::string& bad : {std::string(), std::string("0"), std::string(1000, '0')}) {
    EXPECT_EQ(verify_host_chain(bad, chain.host_der, kNow).error().code, Errc::malformed);
    EXPECT_EQ(verify_host_chain(chain.leaf_der, bad, kNow).error().code, Errc::malformed);
  }
  std::string large(kMaxCertificateDer + 1, '0');
  EXPECT_EQ(verify_host_chain(large, chain.host_der, kNow).error().code, Errc::too_large);
  EXPECT_EQ(verify_host_chain(chain.leaf_der, large, kNow).error().code, Errc::too_large);
}

// Self-signed certificates as somebody else might make them.
std::string openssl_certificate(const std::vector<std::string>& options) {
  TempDir dir;
  std::vector<std::string> argv = {
      "openssl", "req",     "-x509",         "-nodes",   "-subj", "/CN=x", "-days",
      "100",     "-keyout", dir.file("key"), "-outform", "DER",   "-out",  dir.file("certificate")};
  argv.insert(argv.end(), options.begin(), options.end());
  must_run(argv);
  return read_file(dir.file("certificate"));
}

TEST(HostChain, RefusesHostCertificatesThatAreWeakOrOfOtherKinds) {
  auto now = std::time(nullptr);
  auto leaf = chain_of(for_test::load_key({"ed25519", ""}), now).leaf_der;
  struct Case {
    std::vector<std::string> options;
    std::string refusal;
  };
  const Case cases[] = {
      {{"-newkey", "ed25519"}, "leaf certificate was not signed"},  // nothing wrong with the host
      {{"-newkey", "ed448"}, "only Ed25519, ECDSA (NIST curves) and RSA"},
      {{"-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"}, "only Ed25519, ECDSA"},
      {{"-newkey", "rsa:1024"}, "1024 bits"},
      {{"-newkey", "rsa:2048", "-sha1"}, "weak signature"},
      {{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, "secp256k1"},
      {{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
        "ec_param_enc:explicit"},
       "does not name its curve"},
      {{"-newkey", "ed25519", "-addext", "basicConstraints=critical,CA:FALSE"}, "not for this use"},
      {{"-newkey", "ed25519", "-addext", "keyUsage=digitalSignature"}, "not for this use"},
      {{"-newkey", "ed25519", "-addext", "1.2.3.4=critical,DER:0500"}, "wrong or unknown"},
  };
  for (const auto& one : cases)
    expect_contains(refusal(leaf, openssl_certificate(one.options), now), one.refusal);
}

}  // namespace
}  // namespace nigh::ssh
