// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "ssh/private_key.hpp"

namespace nigh::server {

struct HostKey {
  ssh::PrivateKey key;
  std::string file;
  std::optional<std::string> certificate;  // blob; what FILE-cert.pub has for this key
};

// The key in `file` if one is named. Else the machine's own (/etc/ssh/ssh_host_*_key), where this
// account may read it, so that clients that know the machine by ssh know it here too; else one in
// `state_directory`, made at first use. A certificate beside it, FILE-cert.pub, is taken along; one
// that is damaged, for another key or for users is an error (Errc::malformed, Errc::refused), as
// clients would pass it over and nobody would know why.
Result<HostKey> load_host_key(const std::string& file, const std::string& state_directory,
                              const std::string& ssh_directory = "/etc/ssh");

}  // namespace nigh::server
