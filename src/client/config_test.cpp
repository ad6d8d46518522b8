// SPDX-License-Identifier: Apache-2.0
#include "client/config.hpp"

#include <gmock/gmock.h>

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

HostSettings settings_of(std::string_view host, std::string_view text) {
  auto settings = read_client_config(text, "config.toml", "/home/ada", host);
  EXPECT_TRUE(settings) << settings.error().message;
  return settings.value_or(HostSettings());
}

std::string error_of(std::string_view text) {
  auto settings = read_client_config(text, "config.toml", "/home/ada", "web1");
  EXPECT_FALSE(settings) << text;
  return settings ? "" : settings.error().message;
}

TEST(ClientConfig, AnEmptyFileSetsNothing) {
  auto s = settings_of("web1", "# nothing here\n");
  EXPECT_FALSE(s.hostname || s.port || s.user || s.identities || s.timeout || s.accept_new);
}

TEST(ClientConfig, EverySettingIsRead) {
  auto s = settings_of("web1", R"(
[host.web1]
hostname = "web1.example.org"
port = 7000
user = "ada"
identities = ["~/.ssh/a", "/etc/b"]
identities_only = true
accept_new = false
known_hosts = ["~/kh"]
timeout = "1500ms"
escape = "^]"
)");
  EXPECT_EQ(s.hostname, "web1.example.org");
  EXPECT_EQ(s.port, 7000);
  EXPECT_EQ(s.user, "ada");
  EXPECT_THAT(s.identities.value(), ElementsAre("/home/ada/.ssh/a", "/etc/b"));
  EXPECT_EQ(s.identities_only, true);
  EXPECT_EQ(s.accept_new, false);
  EXPECT_THAT(s.known_hosts.value(), ElementsAre("/home/ada/kh"));
  EXPECT_EQ(s.timeout, 1500ms);
  EXPECT_EQ(s.escape.value(), '\x1d');
}

TEST(ClientConfig, TheFirstMatchingTableOfTheFileWinsAndDefaultsComeLast) {
  constexpr auto kText = R"(
[defaults]
user = "nobody"
timeout = "3s"
[host."web*"]
user = "zoe"
[host."a* w*"]
user = "ada"
port = 9
)";
  auto s = settings_of("WEB1", kText);
  EXPECT_EQ(s.user, "zoe");
  EXPECT_EQ(s.port, 9);
  EXPECT_EQ(s.timeout, 3s);
  EXPECT_EQ(settings_of("db1", kText).user, "nobody");
}

TEST(ClientConfig, KeepIsATimeOrOff) {
  constexpr std::string_view kText = R"(
[host.one]
keep = "off"
[defaults]
keep = "10m"
)";
  EXPECT_EQ(settings_of("one", std::string(kText)).keep, 0ms);
  EXPECT_EQ(settings_of("two", std::string(kText)).keep, 600s);
  EXPECT_THAT(error_of("[defaults]\nkeep = \"soon\"\n"), HasSubstr("config.toml:2: 'soon'"));
  EXPECT_THAT(error_of("[defaults]\nkeep = true\n"), HasSubstr("keep must be a text"));
}

TEST(ClientConfig, AnAgentIsForwardedWhereItSaysSo) {
  constexpr auto kText = "[host.one]\nforward_agent = true\n[defaults]\nforward_agent = false\n";
  EXPECT_EQ(settings_of("one", kText).forward_agent, true);
  EXPECT_EQ(settings_of("two", kText).forward_agent, false);
  EXPECT_THAT(error_of("[defaults]\nforward_agent = \"yes\"\n"), HasSubstr("true or false"));
}

TEST(ClientConfig, ANegatedPatternTakesAHostOut) {
  constexpr auto kText = "[host.\"web* !web9\"]\nport = 9\n";
  EXPECT_EQ(settings_of("web1", kText).port, 9);
  EXPECT_FALSE(settings_of("web9", kText).port);
}

TEST(ClientConfig, MistakesNameFileAndLineEvenInTablesOfOtherHosts) {
  EXPECT_THAT(error_of("\n[host.db]\nprot = 1\n"), HasSubstr("config.toml:3: 'prot' is not"));
  EXPECT_THAT(error_of("[defaults]\nport = 70000\n"), HasSubstr("config.toml:2: port must be"));
  EXPECT_THAT(error_of("[defaults]\nport = \"22\"\n"), HasSubstr("port must be"));
  EXPECT_THAT(error_of("[defaults]\nuser = \"-x\"\n"), HasSubstr("config.toml:2: the user name"));
  EXPECT_THAT(error_of("[host.x]\nhostname = \"a b\"\n"), HasSubstr("not a host name"));
  EXPECT_THAT(error_of("[defaults]\nhostname = \"x\"\n"), HasSubstr("belongs under"));
  EXPECT_THAT(error_of("[defaults]\nidentities = \"~/x\"\n"), HasSubstr("list of paths"));
  EXPECT_THAT(error_of("[defaults]\nidentities = [\"x\"]\n"), HasSubstr("must begin with / or ~/"));
  EXPECT_THAT(error_of("[defaults]\naccept_new = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(error_of("[defaults]\ntimeout = 10\n"), HasSubstr("text in quotes"));
  EXPECT_THAT(error_of("[defaults]\nescape = \"ab\"\n"), HasSubstr("escape: 'ab' is no key"));
  EXPECT_THAT(error_of("[defaults]\ntimeout = \"10h\"\n"), HasSubstr("not a time"));
  EXPECT_THAT(error_of("[hosts.x]\n"), HasSubstr("'hosts' is not known"));
  EXPECT_THAT(error_of("port = 1\n"), HasSubstr("'port' is not known"));
  EXPECT_THAT(error_of("[host]\nx = 1\n"), HasSubstr("must be a table"));
  EXPECT_THAT(error_of("a = 1\nb = = 2\n"), HasSubstr("config.toml:2: "));
}

TEST(ClientConfig, DurationsHaveBounds) {
  EXPECT_EQ(parse_duration("10s"), 10'000ms);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1440m"), 24h);
  for (auto* bad : {"", "0s", "-1s", "10", "s", "1441m", "99999999999s", "1 s", "1s "})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

}  // namespace
}  // namespace nigh::client
