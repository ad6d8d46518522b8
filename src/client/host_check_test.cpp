// SPDX-License-Identifier: Apache-2.0
#include "client/host_check.hpp"

#include <gmock/gmock.h>

#include "client/files.hpp"
#include "client/test_folder.hpp"
#include "ssh/host_chain.hpp"
#include "ssh/known_hosts.hpp"

namespace nigh::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;

struct TestServer {
  ssh::PrivateKey key = unwrap(ssh::PrivateKey::generate_ed25519());
  std::vector<std::string> chain() const {
    auto made = unwrap(ssh::make_host_chain(key, kNow, std::chrono::hours(1)));
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
        kNow);
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
  auto nobody = check_host(endpoint, server.chain(), nullptr, kNow);
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
    auto result = check_host(endpoint, bad, nullptr, kNow);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("is a TLS server but not nigh"));
  }
}

}  // namespace
}  // namespace nigh::client
