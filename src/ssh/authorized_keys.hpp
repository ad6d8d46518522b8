// SPDX-License-Identifier: Apache-2.0
// May the holder of this key log in as this user, and what may they do then? Answered from the text
// of an authorized_keys file (sshd(8)), line by line as sshd does. That the client does hold the
// key is for others to prove.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "ssh/key_options.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxAuthorizedKeys = 1024 * 1024;
inline constexpr std::size_t kMaxAuthorizedKeysLine = 16 * 1024;

struct KeyQuery {
  PublicKey offered;   // a certificate is judged by the cert-authority lines alone
  std::string user;    // the account; a certificate must name it unless the line has principals=
  std::string source;  // the client's address, without port
  std::int64_t unix_now = 0;
};

struct KeyDecision {
  enum class Outcome {
    not_listed,
    refused,  // listed, but no line that lists it lets it in
    listed,
  };
  Outcome outcome = Outcome::not_listed;
  KeyOptions options;  // when listed
  int line = 0;        // that listed it, or the last that refused it; 1 is the first
  std::string reason;  // when refused; names file and line; for the log, not for the peer
  // Lines that were skipped as damaged or too long, for the log; at most kMaxWarnings.
  std::vector<std::string> warnings;
  static constexpr std::size_t kMaxWarnings = 8;
};

// The first line that lists the key and lets it in decides. A line that lists it but refuses it
// (from=, expired, an option not known) is passed over, as sshd does.
// Errc::too_large over kMaxAuthorizedKeys; Errc::malformed, Errc::refused or Errc::unsupported if
// `offered` is a certificate that does not parse. No key is let in then.
Result<KeyDecision> find_key(std::string_view text, std::string_view file_name,
                             const KeyQuery& query);

}  // namespace nigh::ssh
