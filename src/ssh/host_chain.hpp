// SPDX-License-Identifier: Apache-2.0
// The server's identity in TLS: a leaf certificate with a fresh key, signed by the SSH host key,
// and the host key as a self-signed certificate that carries it to the client. The process that
// speaks to the network gets the leaf alone; clients look the host key up in known_hosts.
//
// What the host key signs here starts with a DER SEQUENCE and is longer than any hash, so it cannot
// be taken for an SSH key exchange (which signs a bare hash) or an sshsig ("SSHSIG…"), nor they for
// it.
//
// An OpenSSH host certificate for that key may travel inside the host key's X.509 certificate, in
// an extension that is not critical: whoever does not look for it sees what they always saw.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/private_key.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxCertificateDer = 16 * 1024;
// So that with the largest RSA key around it the whole is below kMaxCertificateDer.
inline constexpr std::size_t kMaxHostCertificate = 10 * 1024;
// 2.25 and a UUID as a number (ITU-T X.667): an arc that nobody assigns. The value is an OCTET
// STRING of the blob.
inline constexpr const char* kHostCertificateOid = "2.25.313942387429781127549017094265956972131";

struct HostChain {
  Secret leaf_key_der;   // PKCS#8
  std::string leaf_der;  // X.509
  std::string host_der;  // X.509, self-signed
};

// Valid from an hour before `unix_now` (clocks differ) until `lifetime` after it. The blob of
// `host_certificate` is not looked into. Errc::too_large if it is over kMaxHostCertificate.
Result<HostChain> make_host_chain(const PrivateKey& host_key, std::int64_t unix_now,
                                  std::chrono::seconds lifetime,
                                  const std::optional<std::string>& host_certificate = {});

struct HostIdentity {
  PublicKey key;
  // A blob that the host key put there: not parsed, and vouched for by nobody yet.
  std::optional<std::string> certificate;
};

// For the client, on what a server sent; `leaf_der` must be the certificate whose key TLS proved.
// Errc::malformed, Errc::too_large, Errc::unsupported (kind of key), or
// Errc::refused: a wrong signature, out of its time, or a leaf that could itself sign certificates.
Result<HostIdentity> verify_host_chain(std::string_view leaf_der, std::string_view host_der,
                                       std::int64_t unix_now);

}  // namespace nigh::ssh
