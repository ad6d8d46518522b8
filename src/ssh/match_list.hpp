// SPDX-License-Identifier: Apache-2.0
// OpenSSH's pattern lists (ssh_config(5), PATTERNS) and address lists (sshd(8), from=).
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace nigh::ssh {

// `*` is any run of characters, `?` any one. The whole text must match. Case matters.
bool match_pattern(std::string_view text, std::string_view pattern);

enum class ListMatch {
  none,
  match,
  negated,  // a `!pattern` matched: the list as a whole does not, whatever else is in it
};

// Comma-separated patterns, where `!` negates one. Case matters: fold both sides first if needed.
ListMatch match_pattern_list(std::string_view text, std::string_view list);

// Comma-separated addresses, address/prefix-length and patterns over the address's text, each
// perhaps negated. An IPv4 address mapped into IPv6 counts as IPv4; a scope (`%eth0`) is ignored.
// Errc::malformed for an empty element and for a prefix that is too long or shorter than the
// address in front of it; Errc::malformed too if `address` is none. The caller must then refuse.
Result<ListMatch> match_address_list(std::string_view address, std::string_view list);

// As above for certificates' source-address: addresses and prefixes only, no `!`, no patterns.
Result<bool> match_cidr_list(std::string_view address, std::string_view list);

}  // namespace nigh::ssh
