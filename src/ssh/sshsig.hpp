// SPDX-License-Identifier: Apache-2.0
// Signatures over messages, as made and checked by `ssh-keygen -Y` (OpenSSH's PROTOCOL.sshsig):
//
//   "SSHSIG" | u32 1 | string public key | string namespace | string reserved | string hash |
//   string signature
//
// The signature covers a namespace beside the message's hash, so that one made for one purpose is
// worthless for another.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "ssh/private_key.hpp"
#include "ssh/public_key.hpp"
#include "ssh/signature.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxSshsigBlob = kMaxKeyBlob + 16 * 1024;

struct Sshsig {
  PublicKey key;  // may be a certificate; the signature is then its certified key's
  std::string name_space;
  std::string hash_algorithm;  // "sha256" or "sha512"
  std::string signature;       // SSH signature blob
};

// Errc::malformed, Errc::too_large, Errc::unsupported (version or hash). Says nothing about whether
// the signature is good.
Result<Sshsig> parse_sshsig(std::string_view blob);
std::string encode(const Sshsig& sshsig);

// "-----BEGIN SSH SIGNATURE-----" … and back.
std::string armor_sshsig(std::string_view blob);
Result<std::string> dearmor_sshsig(std::string_view text);

// The bytes that a key or an agent must sign. Errc::usage for an empty namespace or another hash.
Result<std::string> sshsig_signed_data(std::string_view name_space, std::string_view hash_algorithm,
                                       std::string_view message);

// The blob, hashed with sha512 as ssh-keygen does.
Result<std::string> sign_sshsig(const PrivateKey& key, std::string_view name_space,
                                std::string_view message);
// The blob, from a signature that somebody else (an agent) made over sshsig_signed_data().
std::string sshsig_from_signature(PublicKey key, std::string_view name_space,
                                  std::string_view hash_algorithm, std::string_view signature_blob);

// Errc::refused unless `sshsig.key` signed `message` for exactly `expected_namespace`. Whether that
// key is to be trusted, and whether its certificate is in force, is the caller's next question.
Result<void> verify_sshsig(const Sshsig& sshsig, std::string_view expected_namespace,
                           std::string_view message, const VerifyOptions& options = {});

}  // namespace nigh::ssh
