// SPDX-License-Identifier: Apache-2.0
#include "ssh/private_key.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ssh/armor.hpp"
#include "ssh/signature.hpp"
#include "ssh/ssh_keygen_for_test.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using for_test::KeyKind;
using for_test::must_run;
using for_test::read_file;
using for_test::TempDir;

class EveryPrivateKey : public ::testing::TestWithParam<KeyKind> {
 protected:
  // The key in a file of another format, or with a passphrase.
  std::string convert(const std::string& format, const std::string& passphrase = "") {
    auto path = dir_.file("key" + format + passphrase);
    std::filesystem::copy_file(for_test::key_file(GetParam()), path);
    std::vector<std::string> argv = {"ssh-keygen", "-q",       "-p", "-P", "",
                                     "-N",         passphrase, "-f", path};
    if (!format.empty()) argv.insert(argv.end(), {"-m", format});
    must_run(argv);
    return read_file(path);
  }

  PublicKey public_key_ = for_test::load_public_key(for_test::key_file(GetParam()) + ".pub");
  TempDir dir_;
};
INSTANTIATE_TEST_SUITE_P(Keys, EveryPrivateKey, ::testing::ValuesIn(for_test::all_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EveryPrivateKey, HasThePublicKeyOfItsPubFileAndSigns) {
  auto key = for_test::load_key(GetParam());
  EXPECT_EQ(key.public_key(), public_key_);
  auto signature = unwrap(key.sign("message"));
  EXPECT_TRUE(verify(public_key_, signature, "message"));
  EXPECT_FALSE(verify(public_key_, signature, "massage"));
}

TEST_P(EveryPrivateKey, WritesAFileThatSshKeygenReads) {
  auto key = for_test::load_key(GetParam());
  auto text = key.to_openssh_text("x y");
  auto path = dir_.write("written", text.expose());
  EXPECT_EQ(must_run({"ssh-keygen", "-y", "-P", "", "-f", path}),
            to_line(key.public_key()) + " x y\n");
  auto again = PrivateKey::parse(text.expose());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(verify(key.public_key(), unwrap(again->sign("m")), "m"));
}

// Large RSA keys take long to make: here 2048 bits stand for all.
class EachTypeOfPrivateKey : public EveryPrivateKey {};
INSTANTIATE_TEST_SUITE_P(Keys, EachTypeOfPrivateKey, ::testing::ValuesIn(for_test::quick_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EachTypeOfPrivateKey, IsReadFromOlderFormatsToo) {
  for (std::string format : {"PEM", "PKCS8"}) {
    auto key = PrivateKey::parse(convert(format));
    ASSERT_TRUE(key) << format << key.error().message;
    EXPECT_EQ(key->public_key(), public_key_);
    EXPECT_TRUE(verify(public_key_, unwrap(key->sign("m")), "m"));
  }
}

TEST_P(EachTypeOfPrivateKey, IsUnsupportedWithAPassphraseAndTheMessageSaysSo) {
  for (std::string format : {"", "PEM", "PKCS8"}) {
    auto key = PrivateKey::parse(convert(format, "secret"));
    ASSERT_FALSE(key) << format;
    EXPECT_EQ(key.error().code, Errc::unsupported) << format;
    EXPECT_NE(key.error().message.find("passphrase"), std::string::npos) << key.error().message;
  }
}

TEST_P(EachTypeOfPrivateKey, ShowsItsPublicHalfEvenWhenEncrypted) {
  EXPECT_EQ(unwrap(public_half(convert("", "secret"))), public_key_);
}

// Whatever is damaged: either it is noticed, or the key is the same (a byte of the comment).
TEST_P(EachTypeOfPrivateKey, NeverBecomesAnotherKeyByDamage) {
  constexpr std::string_view kLabel = "OPENSSH PRIVATE KEY";
  auto bytes = unwrap(dearmor(kLabel, read_file(for_test::key_file(GetParam()))));
  std::string whole(bytes.expose());
  std::size_t noticed = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto text = armor(kLabel, for_test::with_flip(whole, i, 1));
    auto key = PrivateKey::parse(text.expose());
    if (!key) {
      ++noticed;
      continue;
    }
    ASSERT_EQ(key->public_key(), public_key_) << i;
    ASSERT_TRUE(verify(public_key_, unwrap(key->sign("m")), "m")) << i;
  }
  EXPECT_GT(noticed, public_key_.blob.size());
  for (std::size_t size = 0; size < whole.size(); size += 7)
    EXPECT_FALSE(PrivateKey::parse(armor(kLabel, whole.substr(0, size)).expose())) << size;
}

// PEM holds some numbers once only, so damage can make another key; never one that is no pair.
// (ssh-keygen writes Ed25519 keys in its own format whatever it is told.)
class PemPrivateKey : public EveryPrivateKey {};
INSTANTIATE_TEST_SUITE_P(Keys, PemPrivateKey,
                         ::testing::Values(KeyKind{"ecdsa", "256"}, KeyKind{"rsa", "2048"}),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(PemPrivateKey, FromADamagedFileSignsForItsPublicKeyOrIsRefused) {
  auto text = convert("PKCS8");
  auto bytes = unwrap(dearmor("PRIVATE KEY", text));
  std::string whole(bytes.expose());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto damaged = armor("PRIVATE KEY", for_test::with_flip(whole, i, 1));
    auto key = PrivateKey::parse(damaged.expose());
    if (!key) ++refused;
    if (key) ASSERT_TRUE(verify(key->public_key(), unwrap(key->sign("m")), "m")) << i;
  }
  EXPECT_GT(refused, whole.size() / 2);
}

TEST(PrivateKey, GeneratesKeysThatDiffer) {
  auto a = unwrap(PrivateKey::generate_ed25519());
  auto b = unwrap(PrivateKey::generate_ed25519());
  EXPECT_EQ(a.public_key().type, "ssh-ed25519");
  EXPECT_NE(a.public_key(), b.public_key());
  EXPECT_FALSE(verify(a.public_key(), unwrap(b.sign("m")), "m"));
}

TEST(PrivateKey, ReadsAnEd25519KeyOfOpenssl) {
  TempDir dir;
  must_run({"openssl", "genpkey", "-algorithm", "ed25519", "-out", dir.file("key")});
  auto key = unwrap(PrivateKey::parse(read_file(dir.file("key"))));
  EXPECT_TRUE(verify(key.public_key(), unwrap(key.sign("m")), "m"));
}

TEST(PrivateKey, ReadsAnEcKeyWhosePointIsCompressed) {
  TempDir dir;
  must_run({"openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-conv_form",
            "compressed", "-out", dir.file("key")});
  auto key = unwrap(PrivateKey::parse(read_file(dir.file("key"))));
  EXPECT_EQ(key.public_key().type, "ecdsa-sha2-nistp256");
}

TEST(PrivateKey, RefusesKindsThatItDoesNotTake) {
  TempDir dir;
  const std::vector<std::vector<std::string>> commands = {
      {"openssl", "genpkey", "-algorithm", "ed448"},
      {"openssl", "genpkey", "-algorithm", "x25519"},
      {"openssl", "ecparam", "-name", "secp256k1", "-genkey", "-noout"},
      {"openssl", "ecparam", "-name", "prime256v1", "-param_enc", "explicit", "-genkey", "-noout"},
      {"openssl", "genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"},
      {"openssl", "genpkey", "-algorithm", "rsa-pss"},
  };
  for (auto command : commands) {
    command.insert(command.end(), {"-out", dir.file("key")});
    must_run(command);
    auto key = PrivateKey::parse(read_file(dir.file("key")));
    ASSERT_FALSE(key) << ::testing::PrintToString(command);
    EXPECT_EQ(key.error().code, Errc::unsupported) << key.error().message;
  }
}

TEST(PrivateKey, RefusesWhatIsNoPrivateKey) {
  auto public_text = read_file(for_test::key_file({"ed25519", ""}) + ".pub");
  for (const auto& text : {std::string(), std::string("hello\n"), public_text}) {
    auto key = PrivateKey::parse(text);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Errc::malformed);
    EXPECT_FALSE(public_half(text));
  }
  auto large = PrivateKey::parse(std::string(kMaxPrivateKeyFile + 1, ' '));
  EXPECT_EQ(large.error().code, Errc::too_large);
}

// The file of a FIDO key has the public key and a handle for the device.
TEST(PrivateKey, OfAFidoDeviceIsUnsupportedButShowsItsPublicHalf) {
  auto blob = wire::Writer()
                  .string("sk-ssh-ed25519@openssh.com")
                  .string(std::string(32, 'k'))
                  .string("ssh:")
                  .str();
  auto file = wire::Writer()
                  .bytes(std::string_view("openssh-key-v1\0", 15))
                  .string("none")
                  .string("none")
                  .string("")
                  .u32(1)
                  .string(blob)
                  .string("device data")
                  .str();
  auto text = armor("OPENSSH PRIVATE KEY", file);
  auto key = PrivateKey::parse(text.expose());
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::unsupported);
  EXPECT_NE(key.error().message.find("FIDO"), std::string::npos);
  EXPECT_EQ(unwrap(public_half(text.expose())).blob, blob);
}

}  // namespace
}  // namespace nigh::ssh
