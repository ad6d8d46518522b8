// SPDX-License-Identifier: Apache-2.0
// One identity file and what lies beside it (FILE.pub, FILE-cert.pub).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "ssh/private_key.hpp"
#include "ssh/public_key.hpp"

namespace nigh::client {

struct KeyFile {
  std::string path;
  // Shared by the offers that are made of it. Null: encrypted, in a device, or elsewhere (an
  // agent).
  std::shared_ptr<const ssh::PrivateKey> private_key;
  std::optional<ssh::PublicKey> public_key;  // not known for an encrypted file of an old format
  std::vector<ssh::PublicKey> certificates;  // for this key
  bool has_private = true;  // false: `path` is a public key; only an agent can sign
};

// nullopt if there is no such file. `certificate_files` are looked through besides FILE-cert.pub.
// Errc::refused for a private key that others can read; Errc::malformed.
Result<std::optional<KeyFile>> read_key_file(const std::string& path,
                                             const std::vector<std::string>& certificate_files);

}  // namespace nigh::client
