// SPDX-License-Identifier: Apache-2.0
// What an authorized_keys line lets its key do (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
//
//   agent-forwarding, no-agent-forwarding      port-forwarding, no-port-forwarding
//   pty, no-pty                                user-rc, no-user-rc
//   X11-forwarding, no-X11-forwarding          touch-required, no-touch-required
//   verify-required, no-verify-required        restrict: all of the first five off
//   command="line"                             environment="NAME=value", repeatable
//   from="addresses"                           expiry-time="YYYYMMDD[HHMM[SS]][Z]"
//   permitopen="host:port", repeatable         permitlisten="[host:]port", repeatable
//   principals="names", with cert-authority    tunnel="n"
//
// Anything else makes the line worthless: an option that is not understood may be a restriction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "ssh/certificate.hpp"

namespace nigh::ssh {

struct KeyOptions {
  std::optional<std::string> command;         // runs instead of what is asked for
  std::optional<std::string> from;            // address list that the source must match
  std::optional<std::string> source_address;  // the same from a certificate: prefixes only
  std::optional<std::uint64_t> expiry;        // seconds since 1970; good until then, inclusive
  std::vector<std::string> environment;       // NAME=value; the first of a name counts
  bool pty = true;
  bool port_forwarding = true;
  bool agent_forwarding = true;
  bool x11_forwarding = true;
  bool user_rc = true;
  std::vector<std::string> permit_open;    // "host:port"; empty: any, if port_forwarding
  std::vector<std::string> permit_listen;  // "host:port", host may be a pattern; empty: any
  bool cert_authority = false;
  std::optional<std::string> principals;  // comma-separated
  bool no_touch_required = false;         // FIDO: a signature without presence will do
  bool verify_required = false;           // FIDO: PIN or fingerprint asked for
  std::optional<std::string> tunnel;      // kept for the record; nigh has no such device
  // `restrict` or command= was given. Whoever adds a capability that has no switch above denies it
  // to these keys.
  bool restricted = false;

  // For wire::encode: the keeper hands these to the front.
  static constexpr auto fields = std::tuple(
      &KeyOptions::command, &KeyOptions::from, &KeyOptions::source_address, &KeyOptions::expiry,
      &KeyOptions::environment, &KeyOptions::pty, &KeyOptions::port_forwarding,
      &KeyOptions::agent_forwarding, &KeyOptions::x11_forwarding, &KeyOptions::user_rc,
      &KeyOptions::permit_open, &KeyOptions::permit_listen, &KeyOptions::cert_authority,
      &KeyOptions::principals, &KeyOptions::no_touch_required, &KeyOptions::verify_required,
      &KeyOptions::tunnel, &KeyOptions::restricted);
};

// The options field, without what follows it. Errc::malformed or Errc::unsupported (unknown
// option), both naming the option.
Result<KeyOptions> parse_key_options(std::string_view text);

// Where the options field that `line` starts with ends: at the first blank outside quotes.
std::size_t options_length(std::string_view line);

// The options of a line together with those of the certificate that it vouched for: each side only
// takes away. Errc::refused if both force a command and not the same one.
Result<KeyOptions> merge_certificate(KeyOptions line, const Certificate& certificate);

// Errc::refused with the reason if the options do not let a client at `source` in at `unix_now`.
Result<void> check_key_options(const KeyOptions& options, std::string_view source,
                               std::int64_t unix_now);

}  // namespace nigh::ssh
