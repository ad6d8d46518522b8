// SPDX-License-Identifier: Apache-2.0
// The server's identity in TLS: a leaf certificate with a fresh key, signed by the SSH host key,
// and the host key as a self-signed certificate that carries it to the client. The process that
// speaks to the network gets the leaf alone; clients look the host key up in known_hosts.
//
// What the host key signs here starts with a DER SEQUENCE and is longer than any hash, so it cannot
// be taken for an SSH key exchange (which signs a bare hash) or an sshsig ("SSHSIG…"), nor they for
// it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/private_key.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxCertificateDer = 16 * 1024;

struct HostChain {
  Secret leaf_key_der;   // PKCS#8
  std::string leaf_der;  // X.509
  std::string host_der;  // X.509, self-signed
};

// Valid from an hour before `unix_now` (clocks differ) until `lifetime` after it.
Result<HostChain> make_host_chain(const PrivateKey& host_key, std::int64_t unix_now,
                                  std::chrono::seconds lifetime);

// For the client, on what a server sent; `leaf_der` must be the certificate whose key TLS proved.
// Returns the host key. Errc::malformed, Errc::too_large, Errc::unsupported (kind of key), or
// Errc::refused: a wrong signature, out of its time, or a leaf that could itself sign certificates.
Result<PublicKey> verify_host_chain(std::string_view leaf_der, std::string_view host_der,
                                    std::int64_t unix_now);

}  // namespace nigh::ssh
