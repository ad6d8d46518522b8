// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "client/resolve.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;
using Strict = ssh::StrictHostKeyChecking;

struct Sources {
  std::string target = "web1";
  ConnectOptions options;
  HostSettings settings;
  ssh::SshHost ssh_host;
  Surroundings around{.home = "/home/ada",
                      .config_home = "/home/ada/.config",
                      .local_user = "ada",
                      .local_host = "here",
                      .uid = 1000,
                      .environment = [](const std::string& name) -> std::optional<std::string> {
                        if (name == "SSH_AUTH_SOCK") return "/run/agent";
                        return std::nullopt;
                      },
                      .home_of = nullptr};

  Sources() { ssh_host.host_name = "web1"; }
  Result<Endpoint> result() const {
    return combine(parse_target(target).value(), options, settings, ssh_host, around);
  }
  Endpoint endpoint() const { return result().value(); }
};

TEST(Combine, WithoutAnyConfigurationTheDefaultsHold) {
  auto e = Sources().endpoint();
  EXPECT_EQ(e.address(), "web1:7722");
  EXPECT_EQ(e.user, "ada");
  EXPECT_THAT(e.known_hosts_names, ElementsAre("[web1]:7722", "web1"));
  EXPECT_EQ(e.known_hosts_to_append, "/home/ada/.ssh/known_hosts");
  EXPECT_THAT(e.known_hosts_files,
              ElementsAre("/home/ada/.ssh/known_hosts", "/home/ada/.ssh/known_hosts2",
                          "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"));
  EXPECT_EQ(e.unknown_host, UnknownHostPolicy::ask);
  EXPECT_THAT(e.identities.files, IsEmpty());
  EXPECT_EQ(e.identities.default_files.at(0), "/home/ada/.ssh/id_ed25519");
  EXPECT_EQ(e.identities.default_files.size(), 5u);
  EXPECT_EQ(e.identities.agent_socket, "/run/agent");
  EXPECT_TRUE(e.identities.offer_agent_keys);
  EXPECT_EQ(e.timeout, 15s);
  EXPECT_EQ(e.escape, '~');
}

TEST(Combine, AnAgentIsForwardedOnlyWhereItIsAskedFor) {
  Sources s;
  EXPECT_FALSE(s.endpoint().forward_agent);
  EXPECT_EQ(s.endpoint().agent_to_forward, "/run/agent") << "somebody may ask for it yet";
  s.ssh_host.forward_agent = "yes";
  EXPECT_TRUE(s.endpoint().forward_agent);
  s.ssh_host.identity_agent = "/run/other";
  EXPECT_EQ(s.endpoint().agent_to_forward, "/run/other");
  s.ssh_host.forward_agent = "/run/third";
  EXPECT_TRUE(s.endpoint().forward_agent);
  EXPECT_EQ(s.endpoint().agent_to_forward, "/run/third");
  EXPECT_EQ(s.endpoint().identities.agent_socket, "/run/other");
  s.settings.forward_agent = false;
  EXPECT_FALSE(s.endpoint().forward_agent);
  s.ssh_host.forward_agent = "no";
  s.settings.forward_agent = true;
  EXPECT_TRUE(s.endpoint().forward_agent);
}

TEST(Combine, WhatWasTypedBeatsNighsConfigurationWhichBeatsSshConfig) {
  Sources s;
  s.ssh_host.host_name = "ssh.example.org";
  s.ssh_host.user = "sue";
  s.ssh_host.port = 2222;
  EXPECT_EQ(s.endpoint().address(), "ssh.example.org:7722") << "Port is sshd's";
  EXPECT_EQ(s.endpoint().user, "sue");
  s.settings.hostname = "nigh.example.org";
  s.settings.user = "nina";
  s.settings.port = 7000;
  EXPECT_EQ(s.endpoint().address(), "nigh.example.org:7000");
  EXPECT_EQ(s.endpoint().user, "nina");
  s.target = "tim@web1:7100";
  EXPECT_EQ(s.endpoint().address(), "nigh.example.org:7100");
  EXPECT_EQ(s.endpoint().user, "tim");
}

TEST(Combine, NamesFromConfigurationsAreCheckedToo) {
  Sources s;
  s.ssh_host.host_name = "-oProxyCommand=x";
  EXPECT_THAT(s.result().error().message, HasSubstr("ssh_config's HostName for web1"));
  s.ssh_host.host_name = "web1";
  s.ssh_host.user = "a;b";
  EXPECT_THAT(s.result().error().message, HasSubstr("not a user name"));
  s.ssh_host.user.reset();
  s.around.local_user = "";
  EXPECT_THAT(s.result().error().message, HasSubstr("write USER@web1"));
}

TEST(Combine, JumpHostsOfTheCallerBeatThoseOfConfigurations) {
  Sources s;
  EXPECT_THAT(s.endpoint().jumps, IsEmpty());
  s.ssh_host.proxy_jump = {"ssh://ada@old:22", "[::1]:22"};
  EXPECT_THAT(s.endpoint().jumps, ElementsAre("ada@old", "[::1]")) << "the ports are sshd's";
  s.settings.jump = "one, bob@[2001:db8::7]:7000";
  EXPECT_THAT(s.endpoint().jumps, ElementsAre("one", "bob@[2001:db8::7]:7000"));
  s.options.jump = "two";
  EXPECT_THAT(s.endpoint().jumps, ElementsAre("two"));
  s.options.jump = "none";
  EXPECT_THAT(s.endpoint().jumps, IsEmpty());
  s.options.jump = "a,,b";
  EXPECT_THAT(s.result().error().message, HasSubstr("jump host: the host name is empty"));
  s.options.jump = "a;b";
  EXPECT_THAT(s.result().error().message, HasSubstr("not a host name"));
}

TEST(Combine, AProxyCommandIsExpandedAndYieldsToJumpHosts) {
  Sources s;
  s.target = "tim@web1:7100";
  s.ssh_host.host_name = "web.example.org";
  s.ssh_host.proxy_command = "nc %h %p # %n %r 100%%";
  EXPECT_EQ(s.endpoint().proxy_command, "nc web.example.org 7100 # web1 tim 100%");
  s.ssh_host.proxy_command = "nc %q";
  EXPECT_THAT(s.result().error().message, HasSubstr("ProxyCommand"));
  s.options.jump = "hop";
  EXPECT_EQ(s.endpoint().proxy_command, "");
  EXPECT_THAT(s.endpoint().jumps, ElementsAre("hop"));
}

TEST(Combine, IdentitiesOfTheCallerTakeThePlaceOfAllOthers) {
  Sources s;
  s.options.identities = {"key"};
  s.settings.identities = {{"/nigh"}};
  s.ssh_host.identity_files = {{"/ssh"}};
  auto i = s.endpoint().identities;
  EXPECT_THAT(i.files, ElementsAre("key"));
  EXPECT_THAT(i.default_files, IsEmpty());
  EXPECT_FALSE(i.offer_agent_keys);
  EXPECT_EQ(i.agent_socket, "/run/agent") << "it may hold what `key` has encrypted";
}

TEST(Combine, ConfiguredIdentitiesComeInOrder) {
  Sources s;
  s.settings.identities = {{"/nigh"}};
  s.ssh_host.identity_files = {{"/ssh1", "/ssh2"}};
  auto i = s.endpoint().identities;
  EXPECT_THAT(i.files, ElementsAre("/nigh", "/ssh1", "/ssh2"));
  EXPECT_THAT(i.default_files, IsEmpty());
  EXPECT_TRUE(i.offer_agent_keys);
}

TEST(Combine, IdentitiesOnlyKeepsTheAgentsOtherKeysBack) {
  Sources s;
  s.ssh_host.identities_only = true;
  EXPECT_FALSE(s.endpoint().identities.offer_agent_keys);
  EXPECT_EQ(s.endpoint().identities.default_files.size(), 5u);
  s.settings.identities = {{"/nigh"}};
  EXPECT_THAT(s.endpoint().identities.default_files, IsEmpty());
  s.settings.identities_only = false;
  EXPECT_TRUE(s.endpoint().identities.offer_agent_keys);
}

TEST(Combine, TheAgentIsTheOneThatIsConfigured) {
  Sources s;
  s.ssh_host.identity_agent = "/run/other";
  EXPECT_EQ(s.endpoint().identities.agent_socket, "/run/other");
  s.ssh_host.identity_agent = "none";
  EXPECT_EQ(s.endpoint().identities.agent_socket, "");
}

TEST(Combine, UnknownHostsAreTreatedAsTheMostSpecificSourceSays) {
  Sources s;
  auto policy = [&] { return s.endpoint().unknown_host; };
  s.ssh_host.strict_host_key_checking = Strict::no;
  EXPECT_EQ(policy(), UnknownHostPolicy::accept);
  s.ssh_host.strict_host_key_checking = Strict::accept_new;
  EXPECT_EQ(policy(), UnknownHostPolicy::accept);
  s.settings.accept_new = false;
  EXPECT_EQ(policy(), UnknownHostPolicy::ask);
  s.ssh_host.strict_host_key_checking = Strict::yes;
  EXPECT_EQ(policy(), UnknownHostPolicy::refuse);
  s.settings.accept_new = true;
  EXPECT_EQ(policy(), UnknownHostPolicy::accept);
  s.settings.accept_new.reset();
  s.options.accept_new = true;
  EXPECT_EQ(policy(), UnknownHostPolicy::accept);
}

TEST(Combine, KnownHostsFollowTheConfigurations) {
  Sources s;
  s.ssh_host.host_key_alias = "Cluster";
  s.ssh_host.user_known_hosts_files = std::vector<std::string>{};
  s.ssh_host.global_known_hosts_files = {{"/g"}};
  EXPECT_THAT(s.endpoint().known_hosts_names, ElementsAre("cluster"));
  EXPECT_THAT(s.endpoint().known_hosts_files, ElementsAre("/g"));
  EXPECT_EQ(s.endpoint().known_hosts_to_append, "");
  s.settings.known_hosts = {{"/n"}};
  EXPECT_THAT(s.endpoint().known_hosts_files, ElementsAre("/n", "/g"));
  EXPECT_EQ(s.endpoint().known_hosts_to_append, "/n");
}

TEST(Combine, TheTimeLimitIsTheCallersElseAConfigurations) {
  Sources s;
  s.ssh_host.connect_timeout = 7s;
  EXPECT_EQ(s.endpoint().timeout, 7s);
  s.settings.timeout = 3s;
  s.settings.escape.emplace();
  EXPECT_EQ(s.endpoint().timeout, 3s);
  EXPECT_EQ(s.endpoint().escape, std::nullopt);
  s.options.timeout = 100ms;
  EXPECT_EQ(s.endpoint().timeout, 100ms);
}

}  // namespace
}  // namespace nigh::client
