// SPDX-License-Identifier: Apache-2.0
// Between SSH's encodings and libcrypto's key objects. For the .cpp files of this folder: what
// other layers need is in public_key.hpp, signature.hpp and private_key.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "ssh/public_key.hpp"

// EVP_PKEY and EVP_MD; OpenSSL's own headers stay in the .cpp files.
struct evp_pkey_st;
struct evp_md_st;

namespace nigh::ssh {

// Owns what libcrypto allocated: Owned<BIGNUM, BN_clear_free>.
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyHandle = std::unique_ptr<evp_pkey_st, FreeKey>;

// Drops what a scope left in libcrypto's per-thread error queue. Without it a failed parse here
// would be reported by the next unrelated TLS call on the thread.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard();
  ~ErrorQueueGuard();
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

// The key object of a plain or FIDO key; Errc::malformed if its numbers are not a key.
Result<KeyHandle> to_handle(const PublicKey& key);
// The reverse. Errc::unsupported for anything but Ed25519, the three NIST curves by name, and RSA.
Result<PublicKey> to_public_key(const evp_pkey_st* key);

struct KeyType;
// What a signature of that algorithm hashes with; null for Ed25519, which hashes by itself. The
// algorithm matters to RSA only, and is SHA-256 there unless it is rsa-sha2-512.
const evp_md_st* signature_digest(const KeyType& type, std::string_view algorithm);

}  // namespace nigh::ssh
