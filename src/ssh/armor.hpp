// SPDX-License-Identifier: Apache-2.0
// "-----BEGIN LABEL-----", base64 in lines of 70 characters as OpenSSH writes it, "-----END
// LABEL-----". May carry private keys, so nothing is left behind in freed memory.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace nigh::ssh {

Secret armor(std::string_view label, std::string_view bytes);

// White space around the block and carriage returns are allowed, nothing else. Errc::malformed.
Result<Secret> dearmor(std::string_view label, std::string_view text);

bool has_armor(std::string_view label, std::string_view text);

}  // namespace nigh::ssh
