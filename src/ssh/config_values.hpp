// SPDX-License-Identifier: Apache-2.0
// The values that the files of ssh_config(5) gave for one host, and what becomes of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "ssh/ssh_config.hpp"

namespace nigh::ssh {

struct ConfigValue {
  std::string text;
  std::string where;  // "file:line", for messages
};

// As written: unchecked and not expanded, because that takes values that come later.
struct ConfigValues {
  std::optional<ConfigValue> host_name, user, port, identities_only, identity_agent,
      strict_host_key_checking, hash_known_hosts, host_key_alias, connect_timeout,
      canonicalize_hostname, proxy_jump, proxy_command, forward_agent;
  std::optional<std::vector<ConfigValue>> identity_files, certificate_files;  // accumulate
  std::optional<std::vector<ConfigValue>> user_known_hosts_files, global_known_hosts_files;
  bool needs_match = false;
};

// Does nigh have a use for the keyword (in lower case)?
bool is_known_config_keyword(std::string_view keyword);
// Is all that follows it one argument, quotes and blanks included?
bool takes_config_rest(std::string_view keyword);
// May it have several arguments?
bool takes_config_list(std::string_view keyword);

// Keeps the arguments unless an earlier line already gave some. Errc::malformed: too few or many.
Result<void> keep_config_value(ConfigValues& values, std::string_view keyword,
                               std::vector<std::string> arguments, const std::string& where);

// Where the values come from: `ssh -G` has expanded some of them.
enum class ConfigSource { files, ssh_G };

Result<SshHost> finish_config(const ConfigValues& values, const SshConfigQuery& query,
                              ConfigSource source);

}  // namespace nigh::ssh
