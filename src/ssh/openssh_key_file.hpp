// SPDX-License-Identifier: Apache-2.0
// The container that ssh-keygen writes (OpenSSH's PROTOCOL.key):
//
//   "openssh-key-v1\0" | string cipher | string kdf | string kdf options | u32 keys (1)
//   | string public key | string private section
//
// Private section, in clear when the cipher is "none": u32 check, u32 check again, the private key,
// string comment, padding 1 2 3 … to a multiple of 8.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/evp.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

bool is_openssh_key_file(std::string_view file_text);

// See PrivateKey::parse and public_half.
Result<KeyHandle> parse_openssh_key(std::string_view file_text);
Result<PublicKey> openssh_public_half(std::string_view file_text);

Secret openssh_key_text(const evp_pkey_st* key, const PublicKey& public_key,
                        std::string_view comment);

}  // namespace nigh::ssh
