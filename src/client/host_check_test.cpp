// SPDX-License-Identifier: Apache-2.0
#include "client/host_check.hpp"

#include <gmock/gmock.h>

#include "client/files.hpp"
#include "client/test_folder.hpp"
#include "ssh/host_chain.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/ssh_keygen_for_test.hpp"

namespace nigh::client {
namespace {

using ssh::for_test::must_run;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'700'000'000;

struct TestServer {
  ssh::PrivateKey key = unwrap(ssh::PrivateKey::generate_ed25519());
  std::optional<std::string> certificate;
  std::vector<std::string> chain() const {
    auto made = unwrap(ssh::make_host_chain(key, kNow, std::chrono::hours(1), certificate));
    return {made.leaf_der, made.host_der};
  }
  std::string line(std::string_view name) const {
    return unwrap(ssh::known_hosts_line(name, key.public_key(), false));
  }
};

struct AHostCheck : testing::Test {
  AHostCheck() {
    endpoint.host = "web1";
    endpoint.known_hosts_names = {"[web1]:7722", "web1"};
    endpoint.known_hosts_files = {folder / "user", folder / "system"};
    endpoint.known_hosts_to_append = folder / "user";
  }
  Result<HostCheck> check() {
    return check_host(
        endpoint, server.chain(),
        [this](const UnknownHostKey& key) {
          ++asked;
          EXPECT_EQ(key.host, "[web1]:7722");
          EXPECT_EQ(key.fingerprint, ssh::fingerprint(server.key.public_key()));
          return answer;
        },
        kNow, Progress([this](const Step& step) { steps.push_back(step.text); }));
  }
  std::string refusal() {
    auto result = check();
    EXPECT_FALSE(result);
    if (result) return "";
    EXPECT_EQ(result.error().code, Errc::refused);
    return result.error().message;
  }
  std::string user_file() { return read_file(folder / "user", 10'000).value().value_or("none"); }

  TestFolder folder;
  TestServer server;
  Endpoint endpoint;
  bool answer = false;
  int asked = 0;
  std::vector<std::string> steps;
};

TEST_F(AHostCheck, FindsAKnownKeyInAnyFileAndUnderEitherName) {
  folder.write("system", "# comment\n" + server.line("web1"));
  auto result = check();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->how, HasSubstr("system:2"));
  EXPECT_EQ(result->fingerprint, ssh::fingerprint(server.key.public_key()));
  EXPECT_EQ(asked, 0);
}

TEST_F(AHostCheck, RefusesAMismatchWhateverThePolicy) {
  folder.write("user", TestServer().line("[web1]:7722"));
  endpoint.unknown_host = UnknownHostPolicy::accept;
  answer = true;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("user line 1"), HasSubstr("SHA256:"),
                               HasSubstr("ssh-keygen -R '[web1]:7722'")));
  EXPECT_EQ(asked, 0);
}

TEST_F(AHostCheck, RefusesARevokedKeyThoughAnotherLineAllowsIt) {
  folder.write("user", server.line("[web1]:7722"));
  folder.write("system", "@revoked " + server.line("web1"));
  EXPECT_THAT(refusal(), HasSubstr("revoked"));
}

TEST_F(AHostCheck, AsksAboutAnUnknownKeyAndRemembersIt) {
  answer = true;
  auto result = check();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->asked);
  EXPECT_EQ(user_file(), server.line("[web1]:7722"));
  EXPECT_FALSE(check()->asked) << "it is known now";
}

TEST_F(AHostCheck, ANoIsARefusalAndLeavesNothingBehind) {
  EXPECT_THAT(refusal(), HasSubstr("was not accepted"));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(user_file(), "none");
}

TEST_F(AHostCheck, AcceptsANewKeyWithoutAskingWhereThatIsThePolicy) {
  endpoint.unknown_host = UnknownHostPolicy::accept;
  endpoint.hash_known_hosts = true;
  ASSERT_TRUE(check());
  EXPECT_EQ(asked, 0);
  EXPECT_THAT(user_file(), testing::StartsWith("|1|"));
  ASSERT_TRUE(check()) << "the hashed line is found";
}

TEST_F(AHostCheck, RefusesAnUnknownKeyWhenNobodyMayBeAsked) {
  endpoint.unknown_host = UnknownHostPolicy::refuse;
  EXPECT_THAT(refusal(), HasSubstr("--accept-new"));
  EXPECT_EQ(asked, 0);
  endpoint.unknown_host = UnknownHostPolicy::ask;
  auto nobody = check_host(endpoint, server.chain(), nullptr, kNow, Progress(nullptr));
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message, HasSubstr("not known"));
}

TEST_F(AHostCheck, AFileThatCannotBeReadRefuses) {
  folder.write("user", server.line("[web1]:7722"));
  endpoint.known_hosts_files.push_back(folder.path());  // a directory
  EXPECT_THAT(refusal(), HasSubstr("cannot tell"));
}

TEST_F(AHostCheck, AChainThatIsNotNighsIsNamedAsSuch) {
  auto chain = server.chain();
  for (auto bad : {std::vector{chain[0]}, std::vector{chain[0], TestServer().chain()[1]},
                   std::vector<std::string>{"x", "y"}, std::vector<std::string>()}) {
    auto result = check_host(endpoint, bad, nullptr, kNow, Progress(nullptr));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("is a TLS server but not nigh"));
  }
}

// An authority of ssh-keygen's, and what it certified: as an administrator would do it.
struct ACertifiedHost : AHostCheck {
  ACertifiedHost() {
    endpoint.unknown_host = UnknownHostPolicy::refuse;
    make_authority("ca");
    certify("ca", {"-h", "-n", "web1,web2"});
  }
  void make_authority(const std::string& name) {
    must_run(ssh::for_test::keygen({"ed25519", ""}, folder / name));
  }
  void certify(const std::string& authority, const std::vector<std::string>& options) {
    auto file = folder.write("host.pub", ssh::to_line(server.key.public_key()) + "\n");
    std::vector<std::string> argv = {"ssh-keygen", "-q", "-s", folder / authority, "-I", "an id"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back(file);
    must_run(argv);
    server.certificate = ssh::for_test::load_public_key(folder / "host-cert.pub").blob;
  }
  std::string line_of(const std::string& authority, std::string_view words) {
    auto key = ssh::for_test::load_public_key(folder / (authority + ".pub"));
    return fmt::format("{} {}\n", words, ssh::to_line(key));
  }
  void expect_unknown(std::string_view why) {
    steps.clear();
    EXPECT_THAT(refusal(), AllOf(HasSubstr("is not known"), HasSubstr(why)));
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_THAT(steps[0], HasSubstr(why));
  }
};

TEST_F(ACertifiedHost, IsKnownWhereItsAuthorityIs) {
  folder.write("user", "# comment\n" + line_of("ca", "@cert-authority *"));
  auto result = check();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->how, HasSubstr("user:2"));
  EXPECT_EQ(result->fingerprint, ssh::fingerprint(server.key.public_key()));
  auto authority = ssh::fingerprint(ssh::for_test::load_public_key(folder / "ca.pub"));
  EXPECT_THAT(steps, ElementsAre("host certificate for web1 by the authority " + authority));
}

TEST_F(ACertifiedHost, IsUnknownWhereTheAuthorityIsForOtherHosts) {
  folder.write("user", line_of("ca", "@cert-authority *.example.org"));
  EXPECT_THAT(refusal(), HasSubstr("is not known"));
}

TEST_F(ACertifiedHost, IsUnknownWhereAnotherAuthorityIsListed) {
  make_authority("other");
  folder.write("user", line_of("other", "@cert-authority *"));
  EXPECT_THAT(refusal(), HasSubstr("is not known"));
}

TEST_F(ACertifiedHost, IsUnknownWhereTheAuthorityIsListedAsAHost) {
  folder.write("user", line_of("ca", "web1"));
  EXPECT_THAT(refusal(), HasSubstr("is not known"));
}

TEST_F(ACertifiedHost, IsKnownByItsKeyWithoutTheAuthority) {
  folder.write("user", server.line("web1"));
  EXPECT_TRUE(check());
}

TEST_F(ACertifiedHost, IsRefusedWhereItsAuthorityIsRevoked) {
  folder.write("user", line_of("ca", "@cert-authority *") + line_of("ca", "@revoked *"));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("is marked as revoked"), HasSubstr("user line 2"),
                               HasSubstr("or its authority")));
}

TEST_F(ACertifiedHost, IsRefusedWhereItsKeyIsRevoked) {
  folder.write("user", line_of("ca", "@cert-authority *") + "@revoked " + server.line("web1"));
  EXPECT_THAT(refusal(), HasSubstr("is marked as revoked"));
}

TEST_F(ACertifiedHost, IsNoOtherHost) {
  folder.write("user", line_of("ca", "@cert-authority *"));
  endpoint.known_hosts_names = {"[web3]:7722", "web3"};
  expect_unknown(R"(the certificate "an id" is not for "web3")");
  endpoint.known_hosts_names = {"web2"};  // HostKeyAlias
  EXPECT_TRUE(check());
}

TEST_F(ACertifiedHost, NeedsACertificateThatHoldsHereAndNow) {
  folder.write("user", line_of("ca", "@cert-authority *"));
  struct Case {
    std::vector<std::string> options;
    std::string why;
  };
  const Case cases[] = {
      {{"-h", "-n", "web1", "-V", "20200101:20210101"}, "has expired"},
      {{"-h", "-n", "web1", "-V", "20300101:20310101"}, "is not valid yet"},
      {{"-h"}, "lists no principals"},
      {{"-n", "web1"}, "is a user certificate, not a host certificate"},
      {{"-h", "-n", "web1", "-O", "critical:x@example.org=1"}, "critical option"},
  };
  for (const auto& one : cases) {
    certify("ca", one.options);
    expect_unknown(one.why);
  }
}

TEST_F(ACertifiedHost, NeedsACertificateForItsOwnKey) {
  folder.write("user", line_of("ca", "@cert-authority *"));
  server.key = unwrap(ssh::PrivateKey::generate_ed25519());  // the certificate was copied
  expect_unknown("the certificate is for another key");
}

TEST_F(ACertifiedHost, WithWhatIsNoCertificateIsAsIfItHadNone) {
  folder.write("user", line_of("ca", "@cert-authority *"));
  auto altered = ssh::for_test::with_flip(*server.certificate, server.certificate->size() - 1, 1);
  for (const auto& blob : {altered, std::string("x"), server.key.public_key().blob}) {
    server.certificate = blob;
    expect_unknown("certificate does not count: ");
    folder.write("system", server.line("web1"));
    EXPECT_TRUE(check()) << "its key is known";
    folder.write("system", "");
  }
}

TEST_F(AHostCheck, OfAHostWithoutACertificateDoesNotSpeakOfOne) {
  folder.write("user", server.line("web1"));
  ASSERT_TRUE(check());
  EXPECT_THAT(steps, IsEmpty());
}

}  // namespace
}  // namespace nigh::client
