// SPDX-License-Identifier: Apache-2.0
#include "ssh/host_chain.hpp"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <ctime>

#include "ssh/armor.hpp"
#include "ssh/evp.hpp"
#include "ssh/ssh_keygen_for_test.hpp"

namespace nigh::ssh {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
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
  EXPECT_EQ(verified->key, key.public_key());
  EXPECT_FALSE(verified->certificate);
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

TEST_P(EveryHostKey, CarriesACertificateThatOpensslPassesOver) {
  TempDir dir;
  auto key = for_test::load_key(GetParam());
  auto now = std::time(nullptr);
  std::string blob(kMaxHostCertificate, '\xa5');
  auto chain = unwrap(make_host_chain(key, now, 24h, blob));
  EXPECT_LE(chain.host_der.size(), kMaxCertificateDer);
  auto verified = verify_host_chain(chain.leaf_der, chain.host_der, now);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->key, key.public_key());
  EXPECT_EQ(verified->certificate, blob);
  auto host = dir.write("host", armor("CERTIFICATE", chain.host_der).expose());
  auto leaf = dir.write("leaf", armor("CERTIFICATE", chain.leaf_der).expose());
  must_run({"openssl", "verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslserver",
            "-CAfile", host, leaf});
  expect_contains(must_run({"openssl", "x509", "-in", host, "-noout", "-text"}),
                  std::string(kHostCertificateOid) + ": \n");  // "critical" would stand there
}

class AlteredHostChain : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, AlteredHostChain, ::testing::ValuesIn(for_test::quick_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(AlteredHostChain, IsRefusedWhicheverByteChanged) {
  auto chain = unwrap(make_host_chain(for_test::load_key(GetParam()), kNow, 24h, "a certificate"));
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

TEST(HostChain, TakesNoCertificateThatClientsWouldRefuseForItsSize) {
  std::string blob(kMaxHostCertificate + 1, 'x');
  auto chain = make_host_chain(for_test::load_key({"ed25519", ""}), kNow, 24h, blob);
  ASSERT_FALSE(chain);
  EXPECT_EQ(chain.error().code, Errc::too_large);
}

TEST(HostChain, WithTheLargestRsaKeysHasRoomForACertificate) {
  TempDir dir;
  // ssh-keygen takes minutes for a key of 16,384 bits; what counts is the size of key and
  // signature.
  auto key = for_test::load_key({"rsa", "4096"});
  auto bare = chain_of(key).host_der.size();
  auto full = unwrap(make_host_chain(key, kNow, 24h, std::string(kMaxHostCertificate, 'x')));
  constexpr std::size_t kGrowth = 2 * (16'384 - 4'096) / 8;
  EXPECT_GT(full.host_der.size(), bare + kMaxHostCertificate);
  EXPECT_LE(full.host_der.size() + kGrowth, kMaxCertificateDer);
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
      {{"-newkey", "ed25519", "-addext", kHostCertificateOid + "=critical,DER:040161"s},
       "wrong or unknown"},
  };
  for (const auto& one : cases)
    expect_contains(refusal(leaf, openssl_certificate(one.options), now), one.refusal);
}

struct Signed {
  std::string leaf, host;
};

// A chain as somebody else might make it, with extensions of their choice in the host certificate.
Signed openssl_chain(const std::vector<std::string>& extensions) {
  TempDir dir;
  std::vector<std::string> request = {
      "openssl", "req",   "-x509", "-newkey", "ed25519",       "-nodes", "-subj",
      "/CN=h",   "-days", "100",   "-keyout", dir.file("key"), "-out",   dir.file("host")};
  for (const auto& one : extensions) request.insert(request.end(), {"-addext", one});
  must_run(request);
  must_run({"openssl",  "req",
            "-x509",    "-newkey",
            "ed25519",  "-nodes",
            "-subj",    "/CN=l",
            "-days",    "100",
            "-keyout",  dir.file("leaf-key"),
            "-CA",      dir.file("host"),
            "-CAkey",   dir.file("key"),
            "-addext",  "basicConstraints=critical,CA:FALSE",
            "-outform", "DER",
            "-out",     dir.file("leaf")});
  must_run({"openssl", "x509", "-in", dir.file("host"), "-outform", "DER", "-out",
            dir.file("host.der")});
  return {read_file(dir.file("leaf")), read_file(dir.file("host.der"))};
}

Result<HostIdentity> verify_with(const std::vector<std::string>& extensions) {
  auto chain = openssl_chain(extensions);
  return verify_host_chain(chain.leaf, chain.host, std::time(nullptr));
}

TEST(HostChain, HasItsCertificateInAnOctetStringAndOnlyThere) {
  const auto carrying = kHostCertificateOid + "=DER:"s;
  auto good = verify_with({carrying + "0403616263"});
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->certificate, "abc");
  for (const auto& bad : {"616263", "040361626300", "0404616263", "0c03616263", "0500"}) {
    auto result = verify_with({carrying + bad});
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code, Errc::malformed) << bad;
  }
}

std::string resigned(X509* certificate, const PrivateKey& key) {
  EXPECT_GT(X509_sign(certificate, key.handle(), nullptr), 0);
  std::string der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &out);
  return der;
}

TEST(HostChain, HasNoMoreThanOneCertificate) {
  auto key = unwrap(PrivateKey::generate_ed25519());
  auto chain = unwrap(make_host_chain(key, kNow, 24h, "abc"));
  auto* in = reinterpret_cast<const unsigned char*>(chain.host_der.data());
  Owned<X509, X509_free> host(d2i_X509(nullptr, &in, static_cast<long>(chain.host_der.size())));
  ASSERT_TRUE(host);
  ASSERT_TRUE(verify_host_chain(chain.leaf_der, resigned(host.get(), key), kNow));
  auto* last = X509_get_ext(host.get(), X509_get_ext_count(host.get()) - 1);
  ASSERT_EQ(X509_add_ext(host.get(), last, -1), 1);
  auto twice = verify_host_chain(chain.leaf_der, resigned(host.get(), key), kNow);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::malformed);
}

}  // namespace
}  // namespace nigh::ssh
