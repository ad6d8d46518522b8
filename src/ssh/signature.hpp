// SPDX-License-Identifier: Apache-2.0
// Checks SSH signatures: string algorithm, string signature, and for FIDO keys u8 flags and u32
// counter (RFC 4253 section 6.6, RFC 5656, RFC 8332, RFC 8709, OpenSSH's PROTOCOL.u2f).
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

// What a FIDO key must have asserted; other keys are not affected.
struct VerifyOptions {
  bool require_presence = true;       // somebody touched it
  bool require_verification = false;  // and proved who they are (PIN, fingerprint)
};

// Success means: the holder of `key` signed exactly `data`. Errc::refused if the signature does not
// verify, lacks a flag, or has an algorithm that does not fit the key; Errc::malformed if it does
// not parse; Errc::unsupported for ssh-rsa (SHA-1) and webauthn signatures. A certificate is
// Errc::usage: pass the key that it certifies.
Result<void> verify(const PublicKey& key, std::string_view signature_blob, std::string_view data,
                    const VerifyOptions& options = {});

}  // namespace nigh::ssh
