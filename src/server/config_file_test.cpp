// SPDX-License-Identifier: Apache-2.0
#include "server/config_file.hpp"

#include <gtest/gtest.h>

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

Config read(std::string_view text) {
  Config config;
  auto applied = apply_config(text, "server.toml", config);
  EXPECT_TRUE(applied) << applied.error().message;
  return config;
}

std::string wrong(std::string_view text) {
  Config config;
  auto applied = apply_config(text, "server.toml", config);
  if (applied) return "(nothing)";
  EXPECT_EQ(applied.error().code, Errc::malformed);
  return applied.error().message;
}

TEST(ConfigFileTest, EveryKeyIsTaken) {
  auto config = read(R"(
    listen = ["127.0.0.1:1", "[::1]:2"]
    publish = ["web1@bastion", "web1@other"]
    authorized_keys = "~/keys"
    host_key = "/etc/key"
    log_level = "debug"
    fronts = 3
    forwarding = false
    gateway_ports = true
    [limits]
    login_seconds = 4
    drain_seconds = 0
    token_seconds = 60
    unauthenticated = 7
    penalties = false
    streams_per_connection = 8
    processes = 9
    sessions = 10
    resume_seconds = 11
    hangup_seconds = 14
    session_exit_days = 12
    session_idle_days = 13
    session_terminal_kib = 64
    session_pipe_kib = 1048576
  )");
  EXPECT_EQ(config.listen, (std::vector<std::string>{"127.0.0.1:1", "[::1]:2"}));
  EXPECT_EQ(config.publish, (std::vector<std::string>{"web1@bastion", "web1@other"}));
  EXPECT_EQ(config.authorized_keys, "~/keys");
  EXPECT_EQ(config.host_key, "/etc/key");
  EXPECT_EQ(config.log_level, "debug");
  EXPECT_EQ(config.fronts, 3u);
  EXPECT_FALSE(config.forwarding.allowed);
  EXPECT_TRUE(config.forwarding.gateway_ports);
  EXPECT_EQ(config.login, 4s);
  EXPECT_EQ(config.drain, 0s);
  EXPECT_EQ(config.token, 60s);
  EXPECT_EQ(config.limits.unauthenticated, 7u);
  EXPECT_FALSE(config.limits.penalties);
  EXPECT_EQ(config.streams_per_connection, 8u);
  EXPECT_EQ(config.processes, 9u);
  EXPECT_EQ(config.sessions, 10u);
  EXPECT_EQ(config.session.resume_seconds, 11u);
  EXPECT_EQ(config.session.hangup_seconds, 14u);
  EXPECT_EQ(config.session.kept_seconds, 12u * 86'400);
  EXPECT_EQ(config.session.idle_seconds, 13u * 86'400);
  EXPECT_EQ(config.session.terminal_bytes, 64u << 10);
  EXPECT_EQ(config.session.pipe_bytes, 1u << 30);
}

TEST(ConfigFileTest, WhatIsNotSaidStaysAsItWas) {
  Config before;
  auto after = read("# nothing\n");
  EXPECT_EQ(after.listen, before.listen);
  EXPECT_EQ(after.login, before.login);
  EXPECT_EQ(read("[limits]\nprocesses = 5\n").streams_per_connection,
            before.streams_per_connection);
  EXPECT_EQ(read("listen = \"0.0.0.0:1\"").listen, std::vector<std::string>{"0.0.0.0:1"});
}

TEST(ConfigFileTest, WhatIsWrongIsNamedWithFileAndLine) {
  const std::pair<const char*, const char*> table[] = {
      {"\nport = 1", "server.toml:2: port is not a setting that nigh serve knows"},
      {"[limits]\n\nmax = 1", "server.toml:3: max is not a setting that nigh serve knows"},
      {"[other]\n", "server.toml:1: other is not a setting that nigh serve knows"},
      {"login_seconds = 4", "server.toml:1: login_seconds is not a setting that nigh serve knows"},
      {"listen = 1", "server.toml:1: listen must be text, or a list of texts"},
      {"listen = []", "server.toml:1: listen must be text, or a list of texts"},
      {"listen = [\"a\", 1]", "server.toml:1: listen must be text, or a list of texts"},
      {"listen = \"\"", "server.toml:1: listen must be text, or a list of texts"},
      {"host_key = true", "server.toml:1: host_key must be text"},
      {"host_key = \"\"", "server.toml:1: host_key must be text"},
      {"authorized_keys = [\"a\"]", "server.toml:1: authorized_keys must be text"},
      {"log_level = \"loud\"",
       "server.toml:1: log_level must be \"debug\", \"info\", \"warning\" or \"error\""},
      {"fronts = 0", "server.toml:1: fronts must be a number from 1 to 256"},
      {"fronts = 257", "server.toml:1: fronts must be a number from 1 to 256"},
      {"fronts = 1.0", "server.toml:1: fronts must be a number from 1 to 256"},
      {"fronts = \"1\"", "server.toml:1: fronts must be a number from 1 to 256"},
      {"limits = 1", "server.toml:1: limits must be a table"},
      {"[limits]\nlogin_seconds = 0",
       "server.toml:2: login_seconds must be a number from 1 to 600"},
      {"[limits]\ndrain_seconds = -1",
       "server.toml:2: drain_seconds must be a number from 0 to 86400"},
      {"[limits]\ntoken_seconds = 9223372036854775807",
       "server.toml:2: token_seconds must be a number from 1 to 31622400"},
      {"[limits]\nsession_pipe_kib = 63",
       "server.toml:2: session_pipe_kib must be a number from 64 to 1048576"},
      {"[limits]\nsession_idle_days = -1",
       "server.toml:2: session_idle_days must be a number from 0 to 3660"},
      {"[limits]\npenalties = 1", "server.toml:2: penalties must be true or false"},
      {"\"\\u001b[2J\" = 1", "server.toml:1: \\x1b[2J is not a setting that nigh serve knows"},
  };
  for (const auto& [text, message] : table) EXPECT_EQ(wrong(text), message) << text;
}

TEST(ConfigFileTest, WhatIsNoTomlIsNamedWithFileAndLine) {
  for (const char* text : {"\nlisten = ", "\n[", "\n= 1", "\nlisten = \"a",
                           "\nfronts = 1\nfronts = 2", "\nlisten = \"\xff\""}) {
    auto message = wrong(text);
    EXPECT_TRUE(message.starts_with("server.toml:2: ") || message.starts_with("server.toml:3: "))
        << text << ": " << message;
  }
}

}  // namespace
}  // namespace nigh::server
