// SPDX-License-Identifier: Apache-2.0
// What ssh_config(5) says about a host, as far as it concerns nigh. It is ssh's file: keywords that
// nigh has no use for are skipped, and the values are those that `ssh -G` finds.
//
// The first value wins; IdentityFile and CertificateFile accumulate. Host patterns are matched
// against the name as typed. Include is followed 16 deep. `Match all` applies; any other Match, and
// CanonicalizeHostname, depend on things outside the file: needs_match tells the caller to ask
// `ssh -G` and pass the answer to parse_ssh_G (without ssh such blocks do not apply).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxSshConfigFile = 4 * 1024 * 1024;
inline constexpr int kMaxSshConfigDepth = 16;
inline constexpr int kMaxSshConfigFiles = 1024;  // in all, so that includes cannot multiply

enum class StrictHostKeyChecking { no, yes, ask, accept_new };

// Paths have `~`, % tokens and ${NAME} expanded. In the lists, nullopt is "not configured, use the
// defaults" and an empty list is `none`.
struct SshHost {
  std::string host_name;  // to connect to: HostName, or the name as typed
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;  // of sshd, not of nigh; %p is made from it
  std::optional<std::vector<std::string>> identity_files;
  std::optional<std::vector<std::string>> certificate_files;
  bool identities_only = false;
  std::optional<std::string> identity_agent;  // socket path, or "none"; nullopt: SSH_AUTH_SOCK
  std::optional<std::string> forward_agent;   // "no", "yes", or the path of another agent's socket
  std::optional<std::vector<std::string>> user_known_hosts_files;
  std::optional<std::vector<std::string>> global_known_hosts_files;
  std::optional<StrictHostKeyChecking> strict_host_key_checking;
  std::optional<bool> hash_known_hosts;
  std::optional<std::string> host_key_alias;
  std::optional<std::chrono::seconds> connect_timeout;
  // At most one of them; `none` is nothing.
  std::vector<std::string> proxy_jump;  // as written, nearest first
  std::optional<std::string>
      proxy_command;  // tokens are not expanded: %p is a matter of the caller
  bool needs_match = false;
};

// Everything that the answer depends on besides the files, so that it can be made up in tests.
struct SshConfigQuery {
  std::string host;                 // as typed
  std::optional<std::string> user;  // as typed; else User, else local_user, is %r
  std::string home;                 // %d and ~
  std::string local_user;           // %u
  std::string local_host;           // %l; %L is its part before the first dot
  std::uint32_t uid = 0;            // %i
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::optional<std::string>(const std::string& user)> home_of;  // ~user
};

struct ConfigText {
  std::string name;  // path, for messages
  std::string text;
};
// The files that a glob(7) pattern names, in order; none if nothing matches. The reader holds
// each to kMaxSshConfigFile.
using ConfigReader = std::function<Result<std::vector<ConfigText>>(const std::string& pattern)>;

// ~/.ssh/config, then /etc/ssh/ssh_config. Errors name file and line.
Result<SshHost> resolve_ssh_host(const SshConfigQuery& query, const ConfigReader& read);
// The same with `user_file` in place of both, as `ssh -F user_file`.
Result<SshHost> resolve_ssh_host(const SshConfigQuery& query, const ConfigReader& read,
                                 const std::string& user_file);

// What `ssh -G host` printed. ssh leaves some tokens for later; they are expanded here.
Result<SshHost> parse_ssh_G(const SshConfigQuery& query, std::string_view output);

}  // namespace nigh::ssh
