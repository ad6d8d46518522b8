// SPDX-License-Identifier: Apache-2.0
#include "ssh/certificate.hpp"

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
using for_test::TempDir;
using enum CertificateType;
using Words = std::vector<std::string>;

constexpr std::int64_t kFrom = 1'000'000'000;
constexpr std::int64_t kUntil = 2'000'000'000;
constexpr std::int64_t kNow = 1'500'000'000;
const KeyKind kEd25519{"ed25519", ""};

// `key` certified by ssh-keygen with the CA `authority`.
PublicKey certify(const PublicKey& key, const Words& options, const KeyKind& authority = kEd25519) {
  TempDir dir;
  auto path = dir.write("key.pub", to_line(key) + "\n");
  Words argv = {"ssh-keygen", "-q", "-s", for_test::key_file(authority), "-I", "an id"};
  argv.insert(argv.end(), options.begin(), options.end());
  argv.push_back(path);
  must_run(argv);
  return for_test::load_public_key(dir.file("key-cert.pub"));
}
PublicKey certify(const Words& options) {
  return certify(for_test::load_key(kEd25519).public_key(), options);
}
Certificate certificate(const Words& options) {
  return unwrap(parse_certificate(certify(options).blob));
}
Words validity() { return {"-V", fmt::format("{:#x}:{:#x}", kFrom, kUntil)}; }
Words with_validity(Words options) {
  for (auto& word : validity()) options.push_back(word);
  return options;
}

class EveryCertificate : public ::testing::TestWithParam<KeyKind> {};
INSTANTIATE_TEST_SUITE_P(Keys, EveryCertificate, ::testing::ValuesIn(for_test::quick_kinds()),
                         [](const auto& kind) { return kind.param.name(); });

TEST_P(EveryCertificate, OfSshKeygenParsesWithThisKeyAndThisAuthority) {
  auto key = for_test::load_key(GetParam()).public_key();
  auto blob = certify(key, with_validity({"-n", "alice,bob", "-z", "42"}), GetParam()).blob;
  auto parsed = parse_certificate(blob);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->certified_key, key);
  EXPECT_EQ(parsed->signing_key, key);
  EXPECT_EQ(parsed->serial, 42u);
  EXPECT_EQ(parsed->type, user);
  EXPECT_EQ(parsed->key_id, "an id");
  EXPECT_EQ(parsed->principals, (Words{"alice", "bob"}));
  EXPECT_EQ(parsed->valid_after, static_cast<std::uint64_t>(kFrom));
  EXPECT_EQ(parsed->valid_before, static_cast<std::uint64_t>(kUntil));
  EXPECT_TRUE(check_certificate(*parsed, user, "alice", kNow));
}

TEST_P(EveryCertificate, IsRefusedWhicheverByteChanged) {
  auto key = for_test::load_key(GetParam()).public_key();
  auto blob = certify(key, {"-n", "alice"}, GetParam()).blob;
  for (std::size_t i = 0; i < blob.size(); ++i)
    EXPECT_FALSE(parse_certificate(for_test::with_flip(blob, i, 1))) << i;
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_FALSE(parse_certificate(blob.substr(0, size))) << size;
  EXPECT_FALSE(parse_certificate(blob + '\0'));
}

TEST_P(EveryCertificate, HasTheFingerprintOfItsKey) {
  TempDir dir;
  auto certified = certify(for_test::load_key(GetParam()).public_key(), {"-n", "alice"});
  auto listed = must_run({"ssh-keygen", "-lf", dir.write("c.pub", to_line(certified) + "\n")});
  EXPECT_NE(listed.find(" " + fingerprint(certified) + " "), listed.npos) << listed;
  EXPECT_EQ(plain_key(certified), for_test::load_key(GetParam()).public_key());
  EXPECT_TRUE(is_certificate(certified));
}

TEST(Certificate, OfAFidoKeyParses) {
  for (const KeyKind& kind : {kEd25519, KeyKind{"ecdsa", "256"}}) {
    for_test::FidoKey key(for_test::load_key(kind));
    auto parsed = parse_certificate(certify(key.public_key, {"-n", "alice"}).blob);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->certified_key, key.public_key);
  }
}

TEST(Certificate, AppliesToItsTypeTimeAndPrincipalsOnly) {
  auto alice = certificate(with_validity({"-n", "alice,bob"}));
  auto machine = certificate(with_validity({"-h", "-n", "web1"}));
  auto nobody = certificate(validity());
  auto no_host = certificate(with_validity({"-h"}));
  auto forever = certificate({"-n", "alice", "-V", "always:forever"});
  struct Case {
    const Certificate& certificate;
    CertificateType type;
    std::string principal;
    std::int64_t now;
    std::string refusal;  // empty: accepted
  };
  const Case cases[] = {
      {alice, user, "alice", kNow, ""},
      {alice, user, "bob", kNow, ""},
      {alice, user, "alice", kFrom, ""},
      {alice, user, "alice", kUntil - 1, ""},
      {forever, user, "alice", 0, ""},
      {forever, user, "alice", kUntil, ""},
      {machine, host, "web1", kNow, ""},
      {alice, user, "alice", kFrom - 1, "is not valid yet"},
      {alice, user, "alice", -1, "is not valid yet"},
      {alice, user, "alice", kUntil, "has expired"},
      {alice, user, "carol", kNow, "is not for \"carol\""},
      {alice, user, "Alice", kNow, "is not for"},
      {alice, user, "alice,bob", kNow, "is not for"},
      {alice, user, "", kNow, "is not for"},
      {alice, host, "alice", kNow, "is a user certificate, not a host certificate"},
      {machine, user, "web1", kNow, "is a host certificate, not a user certificate"},
      {machine, host, "web2", kNow, "is not for"},
      {nobody, user, "alice", kNow, "lists no principals"},
      {nobody, user, "", kNow, "lists no principals"},
      {no_host, host, "web1", kNow, "lists no principals"},
  };
  for (const auto& one : cases) {
    auto checked = check_certificate(one.certificate, one.type, one.principal, one.now);
    EXPECT_EQ(checked.has_value(), one.refusal.empty()) << one.principal << one.refusal;
    if (checked) continue;
    EXPECT_EQ(checked.error().code, Errc::refused);
    EXPECT_NE(checked.error().message.find(one.refusal), std::string::npos)
        << checked.error().message;
  }
}

TEST(Certificate, MatchesAnyOfSeveralAcceptedPrincipals) {
  auto alice = certificate(with_validity({"-n", "alice,bob"}));
  EXPECT_TRUE(check_certificate(alice, user, Words{"carol", "bob"}, kNow));
  EXPECT_FALSE(check_certificate(alice, user, Words{"carol", "dave"}, kNow));
  EXPECT_FALSE(check_certificate(alice, user, Words{}, kNow));
}

TEST(Certificate, TellsItsOptions) {
  auto plain = certificate({"-n", "alice"});
  EXPECT_EQ(plain.force_command(), std::nullopt);
  EXPECT_EQ(plain.source_address(), std::nullopt);
  EXPECT_FALSE(plain.verify_required());
  EXPECT_TRUE(plain.has_extension("permit-pty"));
  EXPECT_TRUE(plain.has_extension("permit-port-forwarding"));
  EXPECT_FALSE(plain.has_extension("no-touch-required"));

  auto limited = certificate(
      with_validity({"-n", "alice", "-O", "clear", "-O", "verify-required", "-O",
                     "force-command=/bin/echo hi", "-O", "source-address=10.0.0.0/8,::1/128"}));
  EXPECT_EQ(limited.force_command(), "/bin/echo hi");
  EXPECT_EQ(limited.source_address(), "10.0.0.0/8,::1/128");
  EXPECT_TRUE(limited.verify_required());
  EXPECT_TRUE(limited.extensions.empty());
  EXPECT_TRUE(check_certificate(limited, user, "alice", kNow));
}

TEST(Certificate, WithAnUnknownCriticalOptionIsRefusedAndAnExtensionIsNot) {
  auto critical = certificate(with_validity({"-n", "alice", "-O", "critical:x@y=1"}));
  auto refused = check_certificate(critical, user, "alice", kNow);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("x@y"), std::string::npos);
  auto extension = certificate(with_validity({"-n", "alice", "-O", "extension:x@y=1"}));
  EXPECT_TRUE(check_certificate(extension, user, "alice", kNow));
  EXPECT_TRUE(extension.has_extension("x@y"));
}

// What ssh-keygen would not write, signed by a key that would sign anything.
struct Forge {
  std::uint32_t type = 1;
  std::string key_id = "id";
  std::string principals = wire::Writer().string("alice").str();
  std::string critical_options = {};
  std::string extensions = {};
  std::string signing_key = for_test::load_key(kEd25519).public_key().blob;

  Result<Certificate> parse() const {
    auto key = for_test::load_key(kEd25519);
    wire::Reader in(key.public_key().blob);
    in.string();
    wire::Writer out;
    out.string("ssh-ed25519-cert-v01@openssh.com").string("nonce").bytes(in.rest());
    out.u64(1).u32(type).string(key_id).string(principals).u64(0).u64(~0ull);
    out.string(critical_options).string(extensions).string("").string(signing_key);
    auto signature = unwrap(key.sign(out.str()));
    return parse_certificate(out.string(signature).str());
  }
};
std::string option(std::string_view name, std::string_view data) {
  return wire::Writer().string(name).string(data).str();
}
std::string text(std::string_view value) { return wire::Writer().string(value).str(); }

TEST(Certificate, IsMalformedWhenItsFieldsAre) {
  ASSERT_TRUE(Forge{}.parse());
  ASSERT_TRUE((Forge{.critical_options = option("force-command", text("x"))}.parse()));
  auto own = for_test::load_key(kEd25519).public_key();
  const Forge cases[] = {
      {.type = 0},
      {.type = 3},
      {.key_id = "a\0b"s},
      {.principals = text("alice\0"s)},
      {.principals = text("alice") + "x"},
      {.critical_options = "x"},
      {.critical_options = option("force-command", "not a string")},
      {.critical_options = option("force-command", text("a\0b"s))},
      {.critical_options = option("source-address", text(""))},
      {.critical_options = option("verify-required", text("yes"))},
      {.critical_options = option("a", "") + option("a", "")},
      {.extensions = option("permit-pty", "") + option("permit-pty", "")},
      {.extensions = text("permit-pty")},
      {.signing_key = ""},
      {.signing_key = certify({"-n", "ca"}).blob},
  };
  for (const auto& one : cases) {
    auto parsed = one.parse();
    ASSERT_FALSE(parsed) << &one - cases;
    EXPECT_EQ(parsed.error().code, Errc::malformed) << parsed.error().message;
  }
}

TEST(Certificate, HasABoundedNumberOfPrincipalsAndOptions) {
  std::string principals;
  std::string options;
  for (int i = 0; i < 257; ++i) {
    principals += text(std::to_string(i));
    options += option(std::to_string(i), "");
  }
  EXPECT_EQ((Forge{.principals = principals}.parse().error().code), Errc::too_large);
  EXPECT_EQ((Forge{.extensions = options}.parse().error().code), Errc::too_large);
  EXPECT_EQ(parse_certificate(std::string(kMaxKeyBlob + 1, 'x')).error().code, Errc::too_large);
}

TEST(Certificate, SignedBySomebodyElseIsRefused) {
  auto other = unwrap(PrivateKey::generate_ed25519()).public_key();
  auto parsed = Forge{.signing_key = other.blob}.parse();
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::refused);
}

TEST(Certificate, WithALongNameDoesNotFillTheTerminal) {
  Certificate one;
  one.type = host;
  one.key_id = std::string(60'000, '\n');
  auto refused = check_certificate(one, user, "alice", kNow);
  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().message.size(), 500u);
  EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
  EXPECT_NE(refused.error().message.find("is a host certificate"), std::string::npos);
}

}  // namespace
}  // namespace nigh::ssh
