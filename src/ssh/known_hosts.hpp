// SPDX-License-Identifier: Apache-2.0
// Is this host key the one that belongs to this host? Looked up in the text of known_hosts files
// (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT); reading and writing the files is the caller's.
//
// Names are compared without regard to case, in clear or hashed (|1|salt|HMAC-SHA1), through
// patterns with `*`, `?` and `!`. A key must be equal to the byte.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "ssh/certificate.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxKnownHosts = 16 * 1024 * 1024;

enum class HostKeyState {
  unknown,   // no line speaks about this host and key
  mismatch,  // another key is listed under the first name: refuse
  match,
  revoked,  // refuse, even where another line allows the key
};

struct HostKeyVerdict {
  HostKeyState state = HostKeyState::unknown;
  std::string file;         // of the line that decided; empty when unknown
  int line = 0;             // 1 is the first
  int malformed_lines = 0;  // skipped, in all files; a person may want to know
};

struct KnownHostsText {
  std::string_view file_name;
  std::string_view text;
};

// `names`, most specific first: "[host]:port", then "host"; or the HostKeyAlias alone. A key equal
// to one listed under any of them is a match. A different key, of whatever type, is a mismatch
// under the first name only: the plain host's line belongs to an sshd that may have other keys.
//
// `certificate`, if given, certifies `key` and has passed check_certificate for this host;
// then a @cert-authority line with its signing key is a match too, and @revoked covers that
// signing key. Without one, @cert-authority lines decide nothing: a CA's key is no host's key.
//
// Several files are one list: revoked in any beats match in any beats mismatch in any.
// An error means that the question has no answer, so refuse: Errc::too_large over kMaxKnownHosts,
// Errc::malformed for a @revoked line about this host whose key cannot be read.
Result<HostKeyVerdict> look_up(std::span<const KnownHostsText> files,
                               std::span<const std::string> names, const PublicKey& key,
                               const Certificate* certificate = nullptr);
Result<HostKeyVerdict> look_up(std::string_view text, std::string_view file_name,
                               std::span<const std::string> names, const PublicKey& key,
                               const Certificate* certificate = nullptr);

// "[host]:port", or "host" for port 22: how OpenSSH writes a host in known_hosts. Lower case.
std::string known_hosts_name(std::string_view host, int port);

// The line to append, newline included. `hashed` hides the name as HashKnownHosts does. `name` must
// be free of white space and commas: Errc::usage.
Result<std::string> known_hosts_line(std::string_view name, const PublicKey& key, bool hashed);

}  // namespace nigh::ssh
