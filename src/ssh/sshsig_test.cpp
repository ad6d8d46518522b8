// SPDX-License-Identifier: Apache-2.0
#include "ssh/sshsig.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ssh/fido_key_for_test.hpp"
#include "ssh/ssh_keygen_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using namespace std::string_literals;
using for_test::KeyKind;
using for_test::must_run;
using for_test::read_file;
using for_test::TempDir;

constexpr std::string_view kSpace = "nigh-auth-v1";
constexpr std::string_view kMessage = "what was signed\n";

// Whether `ssh-keygen -Y verify` accepts the blob from that key.
bool ssh_keygen_accepts(const PublicKey& key, std::string_view blob, std::string_view message,
                        std::string_view options = "") {
  TempDir dir;
  auto signers = dir.write("signers", fmt::format("me {}{}\n", options, to_line(key)));
  auto signature = dir.write("signature", armor_sshsig(blob));
  auto ran = for_test::run({"ssh-keygen", "-Y", "verify", "-f", signers, "-I", "me", "-n",
                            std::string(kSpace), "-s", signature},
                           message);
  return ran.status == 0;
}

// Made by `ssh-keygen -Y sign`.
std::string ssh_keygen_signs(const std::string& key_file, const std::string& hash = "sha512") {
  TempDir dir;
  auto message = dir.write("message", kMessage);
  must_run({"ssh-keygen", "-q", "-Y", "sign", "-O", "hashalg=" + hash, "-f", key_file, "-n",
            std::string(kSpace), message});
  return unwrap(dearmor_sshsig(read_file(message + ".sig")));
}

class EverySshsig : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, EverySshsig, ::testing::ValuesIn(for_test::all_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EverySshsig, OfOursIsAcceptedBySshKeygen) {
  auto key = for_test::load_key(GetParam());
  auto blob = unwrap(sign_sshsig(key, kSpace, kMessage));
  EXPECT_TRUE(ssh_keygen_accepts(key.public_key(), blob, kMessage));
  EXPECT_FALSE(ssh_keygen_accepts(key.public_key(), blob, "something else"));
}

TEST_P(EverySshsig, OfSshKeygenIsAcceptedByUs) {
  for (std::string hash : {"sha256", "sha512"}) {
    auto sshsig = unwrap(parse_sshsig(ssh_keygen_signs(for_test::key_file(GetParam()), hash)));
    EXPECT_EQ(sshsig.hash_algorithm, hash);
    EXPECT_EQ(sshsig.name_space, kSpace);
    EXPECT_EQ(sshsig.key, for_test::load_key(GetParam()).public_key());
    EXPECT_TRUE(verify_sshsig(sshsig, kSpace, kMessage));
    EXPECT_EQ(verify_sshsig(sshsig, "file", kMessage).error().code, Errc::refused);
    EXPECT_EQ(verify_sshsig(sshsig, kSpace, "").error().code, Errc::refused);
  }
}

TEST_P(EverySshsig, IsEncodedAsItWasParsed) {
  auto blob = ssh_keygen_signs(for_test::key_file(GetParam()));
  EXPECT_EQ(encode(unwrap(parse_sshsig(blob))), blob);
  EXPECT_EQ(unwrap(dearmor_sshsig(armor_sshsig(blob))), blob);
}

class AlteredSshsig : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, AlteredSshsig, ::testing::ValuesIn(for_test::quick_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(AlteredSshsig, IsRefusedWhicheverByteChanged) {
  auto blob = unwrap(sign_sshsig(for_test::load_key(GetParam()), kSpace, kMessage));
  for (std::size_t i = 0; i < blob.size(); ++i) {
    auto sshsig = parse_sshsig(for_test::with_flip(blob, i, 1));
    EXPECT_FALSE(sshsig && verify_sshsig(*sshsig, kSpace, kMessage)) << i;
  }
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_FALSE(parse_sshsig(blob.substr(0, size))) << size;
  EXPECT_FALSE(parse_sshsig(blob + '\0'));
}

TEST(Sshsig, WithAFidoKeyIsAcceptedBySshKeygenAndByUs) {
  for (const KeyKind& kind : {KeyKind{"ed25519", ""}, KeyKind{"ecdsa", "256"}}) {
    for_test::FidoKey key(for_test::load_key(kind));
    auto data = unwrap(sshsig_signed_data(kSpace, "sha256", kMessage));
    auto blob = sshsig_from_signature(key.public_key, kSpace, "sha256", key.sign(data));
    EXPECT_TRUE(ssh_keygen_accepts(key.public_key, blob, kMessage));
    auto sshsig = unwrap(parse_sshsig(blob));
    EXPECT_TRUE(verify_sshsig(sshsig, kSpace, kMessage));
    EXPECT_FALSE(verify_sshsig(sshsig, kSpace, kMessage, {.require_verification = true}));
  }
}

TEST(Sshsig, WithACertificateIsSignedByTheCertifiedKey) {
  TempDir dir;
  auto key = for_test::load_key({"ed25519", ""});
  auto path = dir.write("key.pub", to_line(key.public_key()));
  must_run({"ssh-keygen", "-q", "-s", for_test::key_file({"ecdsa", "256"}), "-I", "id", "-n", "me",
            path});
  auto certificate = for_test::load_public_key(dir.file("key-cert.pub"));
  auto data = unwrap(sshsig_signed_data(kSpace, "sha512", kMessage));
  auto blob = sshsig_from_signature(certificate, kSpace, "sha512", unwrap(key.sign(data)));
  auto authority = for_test::load_key({"ecdsa", "256"}).public_key();
  EXPECT_TRUE(ssh_keygen_accepts(authority, blob, kMessage, "cert-authority "));
  auto sshsig = unwrap(parse_sshsig(blob));
  EXPECT_TRUE(is_certificate(sshsig.key));
  EXPECT_TRUE(verify_sshsig(sshsig, kSpace, kMessage));
}

std::string raw(std::string_view magic, std::uint32_t version, std::string_view name_space,
                std::string_view reserved, std::string_view hash) {
  auto key = for_test::load_key({"ed25519", ""}).public_key();
  return wire::Writer()
      .bytes(magic)
      .u32(version)
      .string(key.blob)
      .string(name_space)
      .string(reserved)
      .string(hash)
      .string("signature")
      .str();
}

TEST(Sshsig, RefusesWhatTheFormatDoesNotHave) {
  EXPECT_TRUE(parse_sshsig(raw("SSHSIG", 1, "n", "", "sha512")));
  const std::pair<std::string, Errc> cases[] = {
      {raw("SSHSIH", 1, "n", "", "sha512"), Errc::malformed},
      {raw("SSHSIG", 2, "n", "", "sha512"), Errc::unsupported},
      {raw("SSHSIG", 0, "n", "", "sha512"), Errc::unsupported},
      {raw("SSHSIG", 1, "", "", "sha512"), Errc::malformed},
      {raw("SSHSIG", 1, "n", "x", "sha512"), Errc::malformed},
      {raw("SSHSIG", 1, "n", "", "sha1"), Errc::malformed},
      {raw("SSHSIG", 1, "n", "", ""), Errc::malformed},
      {std::string(kMaxSshsigBlob + 1, 'x'), Errc::too_large},
      {"", Errc::malformed},
  };
  for (const auto& [blob, code] : cases) {
    auto sshsig = parse_sshsig(blob);
    ASSERT_FALSE(sshsig);
    EXPECT_EQ(sshsig.error().code, code) << sshsig.error().message;
  }
}

TEST(Sshsig, SignsOnlyForANamespaceAndWithAStrongHash) {
  EXPECT_EQ(sshsig_signed_data("", "sha512", "m").error().code, Errc::usage);
  EXPECT_EQ(sshsig_signed_data("n", "md5", "m").error().code, Errc::usage);
  EXPECT_EQ(sign_sshsig(for_test::load_key({"ed25519", ""}), "", "m").error().code, Errc::usage);
}

}  // namespace
}  // namespace nigh::ssh
