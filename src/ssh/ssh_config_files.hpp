// SPDX-License-Identifier: Apache-2.0
// The ground under ssh_config.hpp: this process's files, user, host and environment. This is the
// only part of the folder that reads files; it blocks.
#pragma once

#include <optional>
#include <string>

#include "ssh/ssh_config.hpp"

namespace nigh::ssh {

// Reads regular files; Errc::too_large over kMaxSshConfigFile, Errc::system if one that exists
// cannot be read. A name that exists is itself, whatever characters are in it; else it is a glob.
ConfigReader config_files();

// The home directory is the account's ($HOME is not asked, and ssh does not ask it either).
// Errc::system if this uid has no account.
Result<SshConfigQuery> local_config_query(std::string host, std::optional<std::string> user);

}  // namespace nigh::ssh
