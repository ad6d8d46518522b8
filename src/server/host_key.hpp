// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.hpp"
#include "ssh/private_key.hpp"

namespace nigh::server {

struct HostKey {
  ssh::PrivateKey key;
  std::string file;
};

// The key in `file` if one is named. Else the machine's own (/etc/ssh/ssh_host_*_key), where this
// account may read it, so that clients that know the machine by ssh know it here too; else one in
// `state_directory`, made at first use.
Result<HostKey> load_host_key(const std::string& file, const std::string& state_directory,
                              const std::string& ssh_directory = "/etc/ssh");

}  // namespace nigh::server
