// SPDX-License-Identifier: Apache-2.0
// Private keys that can sign here: ed25519, ecdsa and rsa, unencrypted. Keys behind a passphrase or
// in a FIDO device are used through the agent or `ssh-keygen -Y sign` instead.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/evp.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxPrivateKeyFile = 256 * 1024;

// Moves, never copies; wiped by libcrypto when it goes. Never empty unless moved from.
class PrivateKey {
 public:
  // "-----BEGIN OPENSSH PRIVATE KEY-----", PKCS#8, and the older PEM forms. Errc::unsupported for
  // an encrypted file or a FIDO key, with a message that says so; Errc::malformed otherwise.
  static Result<PrivateKey> parse(std::string_view file_text);
  static Result<PrivateKey> generate_ed25519();

  const PublicKey& public_key() const { return public_key_; }

  // The SSH signature of `data`, as verify() takes it. RSA signs with rsa-sha2-512.
  Result<std::string> sign(std::string_view data) const;

  // The unencrypted file that ssh-keygen would write.
  Secret to_openssh_text(std::string_view comment) const;

  // For this folder's own use of libcrypto; owned by the PrivateKey.
  evp_pkey_st* handle() const { return handle_.get(); }

 private:
  friend Result<PrivateKey> make_private_key(KeyHandle handle);
  PrivateKey(KeyHandle handle, PublicKey key)
      : handle_(std::move(handle)), public_key_(std::move(key)) {}

  KeyHandle handle_;
  PublicKey public_key_;
};

// The public key in an OPENSSH key file. It is there in clear even if the file is encrypted or
// belongs to a FIDO key. Errc::unsupported for the other formats: they have it inside only.
Result<PublicKey> public_half(std::string_view file_text);

}  // namespace nigh::ssh
