// SPDX-License-Identifier: Apache-2.0
// OpenSSH certificates (PROTOCOL.certkeys): a key, what it may be used for, and a CA's signature.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

enum class CertificateType { user = 1, host = 2 };

// What parse_certificate read. The CA did sign it; whether that CA is trusted is the caller's to
// decide by `signing_key`, and whether it applies here and now is check_certificate's.
struct Certificate {
  using Options = std::vector<std::pair<std::string, std::string>>;  // name, raw data

  PublicKey certified_key;
  std::uint64_t serial = 0;
  CertificateType type = CertificateType::user;
  std::string key_id;
  std::vector<std::string> principals;
  std::uint64_t valid_after = 0;   // seconds since 1970, inclusive
  std::uint64_t valid_before = 0;  // exclusive
  Options critical_options;
  Options extensions;
  PublicKey signing_key;

  std::optional<std::string> force_command() const;
  std::optional<std::string> source_address() const;  // comma-separated CIDR list
  bool verify_required() const;                       // FIDO: user verification
  // "permit-pty", "permit-port-forwarding", "permit-agent-forwarding", "permit-X11-forwarding",
  // "permit-user-rc", "no-touch-required": what is not listed is not permitted.
  bool has_extension(std::string_view name) const;
};

// Errc::malformed, Errc::too_large, Errc::unsupported, or Errc::refused if the CA's signature is
// wrong. Duplicate options and ill-formed known options are malformed.
Result<Certificate> parse_certificate(std::string_view blob);

// Errc::refused with the reason unless the certificate is of `type`, in force at `unix_now`, lists
// at least one of `accepted` as a principal (exact match), and has no critical option that nigh
// does not know (force-command, source-address and verify-required in user certificates, none in
// host certificates). The caller must then enforce those options.
Result<void> check_certificate(const Certificate& certificate, CertificateType type,
                               std::span<const std::string> accepted, std::int64_t unix_now);
Result<void> check_certificate(const Certificate& certificate, CertificateType type,
                               std::string_view principal, std::int64_t unix_now);

}  // namespace nigh::ssh
