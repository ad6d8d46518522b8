// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <nigh/types.hpp>

#include <string>
#include <vector>

#include "client/test_folder.hpp"
#include "ssh/private_key.hpp"

namespace nigh::client {

// Options with so many fresh keys in `folder`, and nothing of the machine's own configuration.
// Unknown hosts are accepted.
inline ConnectOptions options_for_test(const TestFolder& folder, int keys,
                                       std::vector<std::string>& fingerprints) {
  std::string list;
  for (int i = 0; i < keys; ++i) {
    auto key = unwrap(ssh::PrivateKey::generate_ed25519());
    fingerprints.push_back(ssh::fingerprint(key.public_key()));
    auto text = key.to_openssh_text("test");
    list += fmt::format("\"{}\",", folder.write(fmt::format("key{}", i), text.expose()));
  }
  ConnectOptions options;
  options.config_file = folder.write(
      "config.toml", fmt::format("[defaults]\nidentities = [{}]\nidentities_only = true\n"
                                 "known_hosts = [\"{}\"]\naccept_new = true\nuser = \"ada\"\n",
                                 list, folder / "known_hosts"));
  options.ssh_config_file = folder.write("ssh_config", "");
  return options;
}

}  // namespace nigh::client
