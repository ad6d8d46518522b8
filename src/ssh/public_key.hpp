// SPDX-License-Identifier: Apache-2.0
// Public keys in SSH's wire form (RFC 4253 section 6.6, RFC 5656, RFC 8709, OpenSSH's PROTOCOL.u2f
// and PROTOCOL.certkeys).
//
// Types: ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa (2048 to 16384 bits),
// sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com, and the "-cert-v01@openssh.com"
// form of each. DSA and shorter RSA keys are refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxKeyBlob = 64 * 1024;

// A value. One that parse_public_key returned is well-formed: lengths exact, integers in their one
// canonical encoding (so that two blobs of one key are equal), points on their curve.
struct PublicKey {
  std::string type;  // also the first string in the blob
  std::string blob;

  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.blob == b.blob; }
};

// Errc::malformed; Errc::unsupported for a key type that nigh does not take; Errc::too_large. A
// certificate is parsed whole, which includes its CA's signature (see certificate.hpp).
Result<PublicKey> parse_public_key(std::string_view blob);

// "type base64 [comment]" as in a .pub file, without options before it; a final newline is allowed.
Result<PublicKey> parse_public_key_line(std::string_view line);

// "type base64", without a comment or newline.
std::string to_line(const PublicKey& key);

// "SHA256:…" exactly as `ssh-keygen -lf` prints it: for a certificate, that of the certified key.
std::string fingerprint(const PublicKey& key);

bool is_certificate(const PublicKey& key);
// The key itself without the certificate around it, unchecked; `key` if it is no certificate.
PublicKey plain_key(const PublicKey& key);

}  // namespace nigh::ssh
