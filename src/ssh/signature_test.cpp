// SPDX-License-Identifier: Apache-2.0
#include "ssh/signature.hpp"

#include <gtest/gtest.h>

#include "ssh/fido_key_for_test.hpp"
#include "ssh/ssh_keygen_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using namespace std::string_literals;
using for_test::FidoKey;
using for_test::KeyKind;
using for_test::kPresent;
using for_test::kVerified;

Errc refusal(const PublicKey& key, std::string_view signature, std::string_view data,
             const VerifyOptions& options = {}) {
  auto result = verify(key, signature, data, options);
  EXPECT_FALSE(result);
  return result ? Errc::usage : result.error().code;
}

void expect_no_altered_form_verifies(const PublicKey& key, const std::string& signature) {
  for (std::size_t i = 0; i < signature.size(); ++i)
    for (char mask : {'\x01', '\x80'})
      EXPECT_FALSE(verify(key, for_test::with_flip(signature, i, mask), "data")) << i;
  for (std::size_t size = 0; size < signature.size(); ++size)
    EXPECT_FALSE(verify(key, signature.substr(0, size), "data")) << size;
  EXPECT_EQ(refusal(key, signature + '\0', "data"), Errc::malformed);
  EXPECT_EQ(refusal(key, signature, "Data"), Errc::refused);
  EXPECT_EQ(refusal(key, signature, ""), Errc::refused);
}

class EverySignature : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, EverySignature, ::testing::ValuesIn(for_test::quick_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EverySignature, VerifiesAndNoAlteredFormDoes) {
  auto key = for_test::load_key(GetParam());
  auto signature = unwrap(key.sign("data"));
  EXPECT_TRUE(verify(key.public_key(), signature, "data"));
  expect_no_altered_form_verifies(key.public_key(), signature);
}

TEST_P(EverySignature, NeedsTheAlgorithmOfItsKey) {
  auto key = for_test::load_key(GetParam());
  auto blob = unwrap(key.sign("data"));
  wire::Reader in(blob);
  auto own = in.string();
  auto bytes = in.string();
  for (std::string_view other :
       {"", "none", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521", "rsa-sha2-256", "rsa-sha2-512", "sk-ssh-ed25519@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com", "rsa-sha2-512-cert-v01@openssh.com"}) {
    if (other == own) continue;
    auto changed = wire::Writer().string(other).string(bytes).str();
    EXPECT_EQ(refusal(key.public_key(), changed, "data"), Errc::refused) << other;
  }
  auto sha1 = wire::Writer().string("ssh-rsa").string(bytes).str();
  EXPECT_EQ(refusal(key.public_key(), sha1, "data"), Errc::unsupported);
}

TEST(Signature, OfAnEcdsaKeyHasNumbersInRangeOnly) {
  auto key = for_test::load_key({"ecdsa", "256"}).public_key();
  auto blob = [](std::string_view r, std::string_view s) {
    auto numbers = wire::Writer().string(r).string(s).str();
    return wire::Writer().string("ecdsa-sha2-nistp256").string(numbers).str();
  };
  EXPECT_EQ(refusal(key, blob("\1", "\1"), "data"), Errc::refused);
  EXPECT_EQ(refusal(key, blob("", ""), "data"), Errc::malformed);
  EXPECT_EQ(refusal(key, blob("\1", "\xFF"), "data"), Errc::malformed);
  EXPECT_EQ(refusal(key, blob("\1", "\0\1"s), "data"), Errc::malformed);
  EXPECT_EQ(refusal(key, blob("\1", std::string(33, '\1')), "data"), Errc::malformed);
}

TEST(Signature, OfAnRsaKeyIsNotLongerThanTheKey) {
  auto key = for_test::load_key({"rsa", "2048"}).public_key();
  auto blob = [](std::size_t size) {
    return wire::Writer().string("rsa-sha2-512").string(std::string(size, '\1')).str();
  };
  EXPECT_EQ(refusal(key, blob(0), "data"), Errc::malformed);
  EXPECT_EQ(refusal(key, blob(257), "data"), Errc::malformed);
  EXPECT_EQ(refusal(key, blob(256), "data"), Errc::refused);
}

// One signature of 256 begins with a zero byte, which some agents leave out.
TEST(Signature, OfAnRsaKeyMayLackLeadingZeros) {
  auto key = for_test::load_key({"rsa", "2048"});
  for (int number = 0;; ++number) {
    auto data = std::to_string(number);
    auto blob = unwrap(key.sign(data));
    wire::Reader in(blob);
    auto algorithm = in.string();
    auto bytes = in.string();
    if (bytes.front() != 0) continue;
    auto shorter = wire::Writer().string(algorithm).string(bytes.substr(1)).str();
    EXPECT_TRUE(verify(key.public_key(), shorter, data));
    return;
  }
}

TEST(Signature, IsNotVerifiedByACertificate) {
  PublicKey certificate{"ssh-ed25519-cert-v01@openssh.com", ""};
  EXPECT_EQ(refusal(certificate, "", ""), Errc::usage);
}

class FidoSignature : public ::testing::TestWithParam<KeyKind> {
 protected:
  FidoKey key_{for_test::load_key(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(Keys, FidoSignature,
                         ::testing::Values(KeyKind{"ed25519", ""}, KeyKind{"ecdsa", "256"}),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(FidoSignature, VerifiesAndNoAlteredFormDoes) {
  auto signature = key_.sign("data");
  ASSERT_TRUE(parse_public_key(key_.public_key.blob));
  auto good = verify(key_.public_key, signature, "data");
  EXPECT_TRUE(good) << good.error().message;
  expect_no_altered_form_verifies(key_.public_key, signature);
}

TEST_P(FidoSignature, NeedsATouchUnlessToldOtherwise) {
  auto untouched = key_.sign("data", 0);
  EXPECT_EQ(refusal(key_.public_key, untouched, "data"), Errc::refused);
  EXPECT_TRUE(verify(key_.public_key, untouched, "data", {.require_presence = false}));
}

TEST_P(FidoSignature, NeedsAPinWhereAskedFor) {
  VerifyOptions options{.require_verification = true};
  EXPECT_EQ(refusal(key_.public_key, key_.sign("data"), "data", options), Errc::refused);
  EXPECT_EQ(refusal(key_.public_key, key_.sign("data", kVerified), "data", options), Errc::refused);
  EXPECT_TRUE(verify(key_.public_key, key_.sign("data", kPresent | kVerified), "data", options));
}

TEST_P(FidoSignature, IsWorthlessForAnotherApplication) {
  FidoKey other(for_test::load_key(GetParam()), "ssh:other");
  EXPECT_EQ(refusal(key_.public_key, other.sign("data"), "data"), Errc::refused);
}

TEST_P(FidoSignature, IsNotOneOfThePlainKeyInside) {
  EXPECT_EQ(refusal(key_.public_key, unwrap(key_.key.sign("data")), "data"), Errc::refused);
  EXPECT_EQ(refusal(key_.key.public_key(), key_.sign("data"), "data"), Errc::refused);
}

TEST(Signature, OfWebauthnIsUnsupported) {
  FidoKey key(for_test::load_key({"ecdsa", "256"}));
  auto blob =
      wire::Writer().string("webauthn-sk-ecdsa-sha2-nistp256@openssh.com").string("x").str();
  EXPECT_EQ(refusal(key.public_key, blob, "data"), Errc::unsupported);
}

}  // namespace
}  // namespace nigh::ssh
