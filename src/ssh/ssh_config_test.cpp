// SPDX-License-Identifier: Apache-2.0
#include "ssh/ssh_config.hpp"

#include <gtest/gtest.h>

#include <map>

namespace nigh::ssh {
namespace {

using Files = std::map<std::string, std::string>;  // pattern (as asked for) -> text
using Strings = std::vector<std::string>;

SshConfigQuery query(std::string host) {
  return {.host = std::move(host),
          .user = std::nullopt,
          .home = "/home/ann",
          .local_user = "ann",
          .local_host = "desk.example",
          .uid = 1000,
          .environment = [](const std::string& name) -> std::optional<std::string> {
            if (name != "KEYS") return std::nullopt;
            return "/keys";
          },
          .home_of = [](const std::string& user) -> std::optional<std::string> {
            if (user != "bob") return std::nullopt;
            return "/home/bob";
          }};
}

ConfigReader reader(Files files) {
  return [files](const std::string& pattern) -> Result<std::vector<ConfigText>> {
    auto file = files.find(pattern);
    if (file == files.end()) return std::vector<ConfigText>();
    return std::vector<ConfigText>{{file->first, file->second}};
  };
}

Result<SshHost> resolve(const std::string& host, const std::string& text, Files more = {}) {
  more["/home/ann/.ssh/config"] = text;
  return resolve_ssh_host(query(host), reader(more));
}

TEST(SshConfigTest, WithoutFilesTheNameIsTheHost) {
  auto host = unwrap(resolve_ssh_host(query("Web1"), reader({})));
  EXPECT_EQ(host.host_name, "web1");
  EXPECT_FALSE(host.user || host.port || host.identity_files || host.user_known_hosts_files);
  EXPECT_FALSE(host.identities_only || host.needs_match);
}

TEST(SshConfigTest, TheFirstValueWinsAndIdentityFilesAccumulate) {
  auto host = unwrap(resolve("web1",
                             "Host web1\n User ann\n IdentityFile /a\n UserKnownHostsFile /k1 /k2\n"
                             "Host web*\n User bob\n IdentityFile /b\n IdentityFile /a\n"
                             "Host *\n IdentityFile /c\n UserKnownHostsFile /k3\n",
                             {{"/etc/ssh/ssh_config", "User eve\nPort 2222\n"}}));
  EXPECT_EQ(host.user, "ann");
  EXPECT_EQ(host.port, 2222);
  EXPECT_EQ(host.identity_files, (Strings{"/a", "/b", "/c"}));
  EXPECT_EQ(host.user_known_hosts_files, (Strings{"/k1", "/k2"}));
}

TEST(SshConfigTest, WhatWasTypedBeatsTheFiles) {
  auto q = query("web1");
  q.user = "root";
  auto read = reader({{"/home/ann/.ssh/config", "User ann\nIdentityFile /%r"}});
  auto host = unwrap(resolve_ssh_host(q, read));
  EXPECT_EQ(host.user, "root");
  EXPECT_EQ(host.identity_files, Strings{"/root"});
}

TEST(SshConfigTest, HostPatterns) {
  struct Case {
    std::string_view patterns;
    bool applies;
  };
  for (const auto& c : {Case{"web1", true},
                        {"web?", true},
                        {"*", true},
                        {"a b web1", true},
                        {"\"web1\"", true},
                        {"WEB1", false},
                        {"web1,web2", false},
                        {"web2", false},
                        {"* !web1", false},
                        {"!web1 *", false},
                        {"!web2 *", true},
                        {"!web2", false}}) {
    auto host = unwrap(resolve("web1", "Host " + std::string(c.patterns) + "\nUser bob\n"));
    EXPECT_EQ(host.user.has_value(), c.applies) << c.patterns;
  }
}

TEST(SshConfigTest, PatternsAreMatchedAgainstTheNameAsTyped) {
  auto host =
      unwrap(resolve("web1", "Host web1\n HostName real.example\nHost real.example\n User bob\n"));
  EXPECT_EQ(host.host_name, "real.example");
  EXPECT_FALSE(host.user);
}

TEST(SshConfigTest, TokensHomesAndEnvironmentAreExpanded) {
  auto host = unwrap(resolve("web1",
                             "HostName %h.example%%x\nUser bob\nPort 2222\nHostKeyAlias al\n"
                             "IdentityFile ~/%n-%h-%p-%r-%u-%i-%L-%l-%d-%k-%%\n"
                             "IdentityFile ${KEYS}/id\nCertificateFile ~bob/cert\n"
                             "UserKnownHostsFile ~/kh-%k\nIdentityAgent ~/agent\n"));
  EXPECT_EQ(host.host_name, "web1.example%x");
  EXPECT_EQ(host.identity_files,
            (Strings{"/home/ann/web1-web1.example%x-2222-bob-ann-1000-desk-desk.example-"
                     "/home/ann-al-%",
                     "/keys/id"}));
  EXPECT_EQ(host.certificate_files, Strings{"/home/bob/cert"});
  EXPECT_EQ(host.user_known_hosts_files, Strings{"/home/ann/kh-al"});
  EXPECT_EQ(host.identity_agent, "/home/ann/agent");
}

TEST(SshConfigTest, NoneIsAnEmptyList) {
  auto host = unwrap(resolve("web1", "IdentityFile none\nUserKnownHostsFile none\n"));
  EXPECT_EQ(host.identity_files, Strings());
  EXPECT_EQ(host.user_known_hosts_files, Strings());
}

TEST(SshConfigTest, IdentityAgentNamesASocketOrAVariable) {
  auto agent = [](const std::string& value) {
    return unwrap(resolve("web1", "IdentityAgent " + value)).identity_agent;
  };
  EXPECT_EQ(agent("none"), "none");
  EXPECT_EQ(agent("SSH_AUTH_SOCK"), std::nullopt);
  EXPECT_EQ(agent("$KEYS"), "/keys");
  EXPECT_EQ(agent("$NOPE"), "none");
  EXPECT_EQ(agent("${KEYS}/a"), "/keys/a");
}

TEST(SshConfigTest, ForwardAgentIsAChoiceOrNamesAnotherAgent) {
  auto forwarded = [](const std::string& text) {
    return unwrap(resolve("web1", text)).forward_agent;
  };
  EXPECT_EQ(forwarded(""), std::nullopt);
  EXPECT_EQ(forwarded("ForwardAgent no"), "no");
  EXPECT_EQ(forwarded("ForwardAgent True"), "yes");
  EXPECT_EQ(forwarded("ForwardAgent $KEYS"), "/keys");
  EXPECT_EQ(forwarded("ForwardAgent $NOPE"), "no");
  EXPECT_EQ(forwarded("ForwardAgent ~/agent"), "/home/ann/agent");
  EXPECT_EQ(forwarded("Host web*\nForwardAgent no\nHost *\nForwardAgent yes"), "no");
  EXPECT_EQ(unwrap(parse_ssh_G(query("web1"), "forwardagent yes\n")).forward_agent, "yes");
}

TEST(SshConfigTest, Choices) {
  using enum StrictHostKeyChecking;
  for (auto [text, value] : {std::pair("yes", yes),
                             {"TRUE", yes},
                             {"no", no},
                             {"off", no},
                             {"ask", ask},
                             {"accept-new", accept_new}})
    EXPECT_EQ(
        unwrap(resolve("h", "StrictHostKeyChecking " + std::string(text))).strict_host_key_checking,
        value)
        << text;
  for (auto [text, seconds] : {std::pair("90", 90),
                               {"1m30", 90},
                               {"1M30S", 90},
                               {"0", 0},
                               {"1h", 3600},
                               {"2d", 172800},
                               {"1w", 604800}})
    EXPECT_EQ(unwrap(resolve("h", "ConnectTimeout " + std::string(text))).connect_timeout,
              std::chrono::seconds(seconds))
        << text;
  EXPECT_FALSE(unwrap(resolve("h", "ConnectTimeout none")).connect_timeout);
  EXPECT_TRUE(unwrap(resolve("h", "IdentitiesOnly yes")).identities_only);
  EXPECT_EQ(unwrap(resolve("h", "HashKnownHosts yes")).hash_known_hosts, true);
}

TEST(SshConfigTest, IncludesAreRelativeToTheSshFolderAndScopedToTheirBlock) {
  auto text = "Host web1\n Include one /abs/two ~/three\nHost *\n User last\n";
  auto host = unwrap(resolve("web1", text,
                             {{"/home/ann/.ssh/one", "Port 1\nHost web2\n User no\n"},
                              {"/abs/two", "HostName two\n"},
                              {"/home/ann/three", "HostKeyAlias three\n"}}));
  EXPECT_EQ(host.port, 1);
  EXPECT_EQ(host.user, "last");
  EXPECT_EQ(host.host_name, "two");
  EXPECT_EQ(host.host_key_alias, "three");
}

TEST(SshConfigTest, NothingInAnIncludeApplies_IfItsBlockDoesNot) {
  auto host = unwrap(resolve("web1", "Host web2\n Include one\n",
                             {{"/home/ann/.ssh/one",
                               "User a\nHost *\n User b\nMatch all\n User c\n"
                               "Match exec x\n User d\n"}}));
  EXPECT_FALSE(host.user);
  EXPECT_FALSE(host.needs_match);
}

TEST(SshConfigTest, TheSystemsIncludesAreRelativeToItsFolder) {
  auto host = unwrap(resolve("web1", "",
                             {{"/etc/ssh/ssh_config", "Include ssh_config.d/*.conf\nUser b\n"},
                              {"/etc/ssh/ssh_config.d/*.conf", "User a\n"}}));
  EXPECT_EQ(host.user, "a");
}

TEST(SshConfigTest, EndlessIncludesAreAnError) {
  auto deep = resolve("web1", "Include config");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().message, "/home/ann/.ssh/config:1: Include is nested too deep");
}

TEST(SshConfigTest, FilesThatMultiplyAreAnError) {
  Files files;
  for (int level = 0; level < 12; ++level) {
    auto next = std::to_string(level + 1);
    files["/home/ann/.ssh/" + std::to_string(level)] = "Include " + next + " " + next + "\n";
  }
  auto host = resolve("web1", "Include 0", files);
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().code, Errc::too_large);
}

TEST(SshConfigTest, MatchAllAppliesAndAnyOtherMatchIsReported) {
  auto host = unwrap(resolve("web1", "Host web2\nMatch all\n User a\n"));
  EXPECT_EQ(host.user, "a");
  EXPECT_FALSE(host.needs_match);
  host = unwrap(resolve("web1", "Match host web1\n User a\nHost web1\n User b\n"));
  EXPECT_EQ(host.user, "b");
  EXPECT_TRUE(host.needs_match);
  EXPECT_TRUE(unwrap(resolve("web1", "CanonicalizeHostname always\n")).needs_match);
  EXPECT_FALSE(unwrap(resolve("web1", "CanonicalizeHostname no\n")).needs_match);
}

TEST(SshConfigTest, WhatBelongsToSshIsIgnored) {
  auto host = unwrap(resolve("web1",
                             "ProxyCommand sh -c \"unbalanced\nNewKeyword 'x\n"
                             "Host web2\n Port nonsense\n User \"open\nHost *\n User a\n"));
  EXPECT_EQ(host.user, "a");
}

TEST(SshConfigTest, OfProxyJumpAndProxyCommandTheFirstCounts) {
  auto jump = resolve("web1", "ProxyJump a@one:22,two\nProxyCommand nc %h %p\n").value();
  EXPECT_EQ(jump.proxy_jump, (Strings{"a@one:22", "two"}));
  EXPECT_FALSE(jump.proxy_command);
  auto command = resolve("web1", "ProxyCommand nc \"%h\" '%p'  # x\nProxyJump one\n").value();
  EXPECT_EQ(command.proxy_command, "nc \"%h\" '%p'  # x");
  EXPECT_TRUE(command.proxy_jump.empty());
  auto none = resolve("web1", "ProxyCommand none\nProxyJump one\n").value();
  EXPECT_FALSE(none.proxy_command);
  EXPECT_TRUE(none.proxy_jump.empty());
}

TEST(SshConfigTest, ErrorsNameFileAndLine) {
  for (std::string_view line : {"Port x",
                                "Port 0",
                                "Port 65536",
                                "Port 1 2",
                                "User",
                                "User \"\"",
                                "User \"a",
                                "IdentitiesOnly maybe",
                                "StrictHostKeyChecking perhaps",
                                "ConnectTimeout 1x",
                                "ConnectTimeout 99999999999",
                                "HostName %q",
                                "IdentityFile %",
                                "IdentityFile ${NOPE}/x",
                                "IdentityFile ${KEYS",
                                "UserKnownHostsFile ~nobody-here/x",
                                "Host",
                                "Match",
                                "Include",
                                "Include \"a"}) {
    auto host = resolve("web1", "\n" + std::string(line) + "\n");
    ASSERT_FALSE(host) << line;
    EXPECT_TRUE(host.error().message.starts_with("/home/ann/.ssh/config:2: "))
        << line << ": " << host.error().message;
  }
}

TEST(SshConfigTest, AnErrorOfTheReaderIsPassedOn) {
  ConfigReader broken = [](const std::string&) { return fail(Errc::system, "cannot read it"); };
  EXPECT_EQ(resolve_ssh_host(query("web1"), broken).error().message, "cannot read it");
}

TEST(SshConfigTest, TheAnswerOfSshGIsFinalExceptForWhatSshExpandsLater) {
  auto host = unwrap(parse_ssh_G(query("web1"),
                                 "host web1\nuser bob\nhostname a%h\nport 22\nidentitiesonly yes\n"
                                 "stricthostkeychecking false\nidentityfile ~/my key %h\n"
                                 "identityfile ~/b\nuserknownhostsfile /k%d /l\n"
                                 "connecttimeout none\ncanonicalizehostname true\nproxycommand 'x\n"
                                 "identityagent /run/%u\n"));
  EXPECT_EQ(host.host_name, "a%h");
  EXPECT_EQ(host.user, "bob");
  EXPECT_EQ(host.strict_host_key_checking, StrictHostKeyChecking::no);
  EXPECT_TRUE(host.identities_only);
  EXPECT_EQ(host.identity_files, (Strings{"/home/ann/my key a%h", "/home/ann/b"}));
  EXPECT_EQ(host.user_known_hosts_files, (Strings{"/k%d", "/l"}));
  EXPECT_EQ(host.identity_agent, "/run/%u");
  EXPECT_FALSE(host.needs_match || host.connect_timeout);
}

}  // namespace
}  // namespace nigh::ssh
