// SPDX-License-Identifier: Apache-2.0
// `ssh -G` as judge.
#include <gtest/gtest.h>

#include "ssh/ssh_config_files.hpp"
#include "ssh/ssh_keygen_for_test.hpp"

namespace nigh::ssh {
namespace {

using namespace for_test;

const std::vector<std::string> kConfigs = {
    "",
    "User bob\nPort 2200\n",
    "HostName FE80::1%%ETH0\n",
    "Host web1\n HostName %h.Example\nHost *\n User u\n Port 22\n",
    "Host Web1\n User upper\nHost web1\n User lower\n",
    "Host * !web1\n User a\nHost web1 # note\n User \"b c\"\n",
    "Host web1,web2\n User a\nHost \"web1\"\n User=b\n",
    "\tUSER = x\r\n Port=99\n",
    "IdentityFile ~/.ssh/%h_%r\nIdentityFile /k\nIdentityFile ~/.ssh/%h_%r\nIdentitiesOnly true\n",
    "IdentityFile none\nUserKnownHostsFile none\n",
    "UserKnownHostsFile ~/a%h /b-%k-%C-%L-%l-%d-%i-%u-%r-%p-%n-%% ${HOME}/c\nHostKeyAlias alias\n",
    "GlobalKnownHostsFile /a /b\nHashKnownHosts yes\nCertificateFile ~/c-%n\n",
    "IdentityAgent ~/%u/sock\nStrictHostKeyChecking accept-new\nConnectTimeout 1m30\n",
    "IdentityAgent none\nStrictHostKeyChecking off\nConnectTimeout none\n",
    "IdentityAgent SSH_AUTH_SOCK\nStrictHostKeyChecking yes\nConnectTimeout 10\n",
    "IdentityAgent $HOME\nUser a#b\nIdentityFile 'a\\'b c'\n",
    "IdentityFile a\\ b\nIdentityFile c\"d e\"f\n",
    "Match all\n User m\nHost web2\n User n\nMatch all\n Port 7\n",
    "\"User\" q\n\"Port\" 8\n",
};

// Both, through the same eyes: what ssh does not print (defaults) is not compared.
void expect_same(const SshHost& ours, const SshHost& theirs, const SshConfigQuery& query) {
  EXPECT_EQ(ours.host_name, theirs.host_name);
  EXPECT_EQ(ours.user.value_or(query.local_user), theirs.user);
  EXPECT_EQ(ours.port.value_or(22), theirs.port);
  EXPECT_EQ(ours.identities_only, theirs.identities_only);
  EXPECT_EQ(ours.identity_agent, theirs.identity_agent);
  EXPECT_EQ(ours.host_key_alias, theirs.host_key_alias);
  EXPECT_EQ(ours.connect_timeout, theirs.connect_timeout);
  EXPECT_EQ(ours.certificate_files, theirs.certificate_files);
  EXPECT_EQ(ours.hash_known_hosts.value_or(false), theirs.hash_known_hosts);
  EXPECT_EQ(ours.strict_host_key_checking.value_or(StrictHostKeyChecking::ask),
            theirs.strict_host_key_checking);
  if (ours.identity_files) EXPECT_EQ(ours.identity_files, theirs.identity_files);
  if (ours.user_known_hosts_files)
    EXPECT_EQ(ours.user_known_hosts_files, theirs.user_known_hosts_files);
  if (ours.global_known_hosts_files)
    EXPECT_EQ(ours.global_known_hosts_files, theirs.global_known_hosts_files);
}

void compare(const std::string& file, const std::string& name, const std::string& what) {
  SCOPED_TRACE(name + " in\n" + what);
  auto query = unwrap(local_config_query(name, std::nullopt));
  auto printed = run({"ssh", "-G", "-F", file, name});
  ASSERT_EQ(printed.status, 0) << printed.output;
  auto theirs = unwrap(parse_ssh_G(query, printed.output));
  auto ours = resolve_ssh_host(query, config_files(), file);
  ASSERT_TRUE(ours) << ours.error().message;
  EXPECT_FALSE(ours->needs_match);
  expect_same(*ours, theirs, query);
}

TEST(SshConfigInteropTest, EveryConfigurationMeansWhatSshSaysItMeans) {
  TempDir dir;
  for (const auto& config : kConfigs)
    for (const auto& name : {"web1", "Web1", "web2", "192.0.2.1"}) {
      dir.write("config", config);
      compare(dir.file("config"), name, config);
    }
}

TEST(SshConfigInteropTest, IncludesMeanWhatSshSaysTheyMean) {
  TempDir dir;
  dir.write("1.conf", "Port 1\nHost web2\n User two\n");
  dir.write("2.conf", "Host web1\n IdentityFile /two\n");
  dir.write("dir.conf.d", "");
  for (const auto& config : {"Include " + dir.file("*.conf") + "\nUser last\n",
                             "Host web1\n Include \"" + dir.file("1.conf") + "\" " +
                                 dir.file("2.conf") + "\n User last\n",
                             "Host web2\n Include " + dir.file("?.conf") + "\nHost *\n User last\n",
                             "Include " + dir.file("absent") + "\nUser last\n"}) {
    dir.write("config", config);
    for (const auto& name : {"web1", "web2"}) compare(dir.file("config"), name, config);
  }
}

TEST(SshConfigInteropTest, WhatWeRefuseSshRefuses) {
  TempDir dir;
  for (const auto* config :
       {"Port 0\n", "Port 1 2\n", "User\n", "User \"a\n", "Host\n", "Match\n", "HostName %q\n",
        "StrictHostKeyChecking perhaps\n", "UserKnownHostsFile ${NIGH_TEST_UNSET}/x\n"}) {
    dir.write("config", config);
    EXPECT_NE(run({"ssh", "-G", "-F", dir.file("config"), "web1"}).status, 0) << config;
    auto query = unwrap(local_config_query("web1", std::nullopt));
    EXPECT_FALSE(resolve_ssh_host(query, config_files(), dir.file("config"))) << config;
  }
}

TEST(SshConfigFilesTest, OversizedFilesAreRefusedAndFoldersAreEmpty) {
  TempDir dir;
  dir.write("large", std::string(kMaxSshConfigFile + 1, '#'));
  EXPECT_EQ(config_files()(dir.file("large")).error().code, Errc::too_large);
  auto folder = unwrap(config_files()(dir.file(".")));
  ASSERT_EQ(folder.size(), 1u);
  EXPECT_EQ(folder[0].text, "");
  EXPECT_TRUE(unwrap(config_files()(dir.file("absent*"))).empty());
}

TEST(SshConfigFilesTest, ANameWithGlobCharactersIsItselfIfItExists) {
  TempDir dir;
  dir.write("[a]", "literal");
  dir.write("a", "other");
  auto files = unwrap(config_files()(dir.file("[a]")));
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].text, "literal");
}

}  // namespace
}  // namespace nigh::ssh
