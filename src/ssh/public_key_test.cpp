// SPDX-License-Identifier: Apache-2.0
#include "ssh/public_key.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "ssh/key_type.hpp"
#include "ssh/ssh_keygen_for_test.hpp"
#include "wire/base64.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using namespace std::string_literals;
using for_test::KeyKind;
using for_test::must_run;

class EveryPublicKey : public ::testing::TestWithParam<KeyKind> {
 protected:
  std::string path_ = for_test::key_file(GetParam()) + ".pub";
  PublicKey key_ = for_test::load_public_key(path_);
};
INSTANTIATE_TEST_SUITE_P(Keys, EveryPublicKey, ::testing::ValuesIn(for_test::all_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EveryPublicKey, HasTheFingerprintThatSshKeygenPrints) {
  auto listed = must_run({"ssh-keygen", "-lf", path_});
  EXPECT_NE(listed.find(" " + fingerprint(key_) + " "), listed.npos) << listed << fingerprint(key_);
}

TEST_P(EveryPublicKey, IsWrittenAsSshKeygenWroteIt) {
  EXPECT_EQ(to_line(key_) + " a comment\n", for_test::read_file(path_));
}

TEST_P(EveryPublicKey, IsRefusedWhenCutShortAnywhere) {
  for (std::size_t size = 0; size < key_.blob.size(); ++size)
    EXPECT_FALSE(parse_public_key(key_.blob.substr(0, size))) << size;
}

TEST_P(EveryPublicKey, IsRefusedWithBytesTooMany) {
  auto parsed = parse_public_key(key_.blob + '\0');
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::malformed);
}

PublicKey ed25519() {
  return for_test::load_public_key(for_test::key_file({"ed25519", ""}) + ".pub");
}

struct BadKey {
  std::string why;
  std::string blob;
  Errc code;
};

std::string rsa(std::string_view exponent, std::string_view modulus) {
  return wire::Writer().string("ssh-rsa").string(exponent).string(modulus).str();
}
std::string p256(std::string_view curve, std::string_view point) {
  return wire::Writer().string("ecdsa-sha2-nistp256").string(curve).string(point).str();
}
std::string modulus(std::size_t bytes, char last = '\x01') {
  return "\0"s + std::string(bytes - 1, '\xFF') + last;
}

TEST(PublicKey, RefusesKeysThatCannotBe) {
  const std::string e = "\1\0\1"s;
  const BadKey cases[] = {
      {"nothing", "", Errc::malformed},
      {"no such type", wire::Writer().string("ssh-ed448").string("x").str(), Errc::unsupported},
      {"DSA", wire::Writer().string("ssh-dss").str(), Errc::unsupported},
      {"too long", std::string(kMaxKeyBlob + 1, '\0'), Errc::too_large},
      {"31 bytes", wire::Writer().string("ssh-ed25519").string(std::string(31, 'x')).str(),
       Errc::malformed},
      {"33 bytes", wire::Writer().string("ssh-ed25519").string(std::string(33, 'x')).str(),
       Errc::malformed},
      {"another curve", p256("nistp384", "\4" + std::string(64, 'x')), Errc::malformed},
      {"off the curve", p256("nistp256", "\4" + std::string(64, 'x')), Errc::malformed},
      {"infinity", p256("nistp256", "\0"s), Errc::malformed},
      {"a compressed point", p256("nistp256", "\2" + std::string(32, 'x')), Errc::malformed},
      {"1024 bits", rsa(e, modulus(128)), Errc::unsupported},
      {"2047 bits", rsa(e, "\x7F" + modulus(256).substr(2)), Errc::unsupported},
      {"16392 bits", rsa(e, modulus(2049)), Errc::unsupported},
      {"an even modulus", rsa(e, modulus(256, '\x02')), Errc::malformed},
      {"an even exponent", rsa("\1\0\0"s, modulus(256)), Errc::malformed},
      {"exponent 1", rsa("\1", modulus(256)), Errc::malformed},
      {"exponent 0", rsa("", modulus(256)), Errc::malformed},
      {"a negative exponent", rsa("\x81", modulus(256)), Errc::malformed},
      {"an exponent of 65 bits", rsa("\1" + std::string(8, '\x01'), modulus(256)), Errc::malformed},
      {"a padded exponent", rsa("\0\1\0\1"s, modulus(256)), Errc::malformed},
      {"a padded modulus", rsa(e, "\0"s + modulus(256)), Errc::malformed},
      {"a negative modulus", rsa(e, modulus(256).substr(1)), Errc::malformed},
  };
  for (const auto& one : cases) {
    auto key = parse_public_key(one.blob);
    ASSERT_FALSE(key) << one.why;
    EXPECT_EQ(key.error().code, one.code) << one.why << ": " << key.error().message;
  }
}

TEST(PublicKey, TakesTheLargestAndSmallestRsaKeys) {
  EXPECT_TRUE(parse_public_key(rsa("\1\0\1"s, modulus(256))));
  EXPECT_TRUE(parse_public_key(rsa("\3", modulus(2048))));
}

TEST(PublicKey, RefusesShortRsaKeysOfSshKeygen) {
  auto key =
      parse_public_key_line(for_test::read_file(for_test::key_file({"rsa", "1024"}) + ".pub"));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::unsupported);
  EXPECT_NE(key.error().message.find("1024 bits"), std::string::npos);
}

TEST(PublicKey, ALineNeedsTheTypeThatItsBytesHave) {
  auto line = to_line(ed25519());
  EXPECT_TRUE(parse_public_key_line(line));
  EXPECT_TRUE(parse_public_key_line(line + "\tcomment with spaces\r\n"));
  EXPECT_FALSE(parse_public_key_line("ssh-rsa" + line.substr(line.find(' '))));
  EXPECT_FALSE(parse_public_key_line(line.substr(line.find(' '))));
  EXPECT_FALSE(parse_public_key_line("command=\"x\" " + line));
  EXPECT_FALSE(parse_public_key_line(line + "\n" + line + "\n"));
  EXPECT_FALSE(parse_public_key_line("ssh-ed25519"));
  EXPECT_FALSE(parse_public_key_line("ssh-ed25519 !!!!"));
  EXPECT_FALSE(parse_public_key_line(""));
}

TEST(PublicKey, AFailureLeavesNothingInTheErrorQueueOfTls) {
  ERR_clear_error();
  EXPECT_FALSE(parse_public_key(p256("nistp256", "\4" + std::string(64, 'x'))));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(PublicKey, AnMpintKeepsItsSignBitClear) {
  wire::Writer out;
  put_mpint(out, "\0\0\x80"s);
  EXPECT_EQ(wire::hex(out.str()), "000000020080");
  wire::Reader in(out.str());
  EXPECT_EQ(read_positive_mpint(in).value(), "\x80");
}

}  // namespace
}  // namespace nigh::ssh
