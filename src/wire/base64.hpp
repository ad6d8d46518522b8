// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648): the plain alphabet (section 4) with padding, as OpenSSH writes it, and the
// URL-safe one (section 5) without. Decoding is strict: no white space, no stray bits.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::wire {

std::string base64(std::string_view bytes);
std::string base64_unpadded(std::string_view bytes);  // as in OpenSSH's SHA256: fingerprints
std::string base64url(std::string_view bytes);

// Errc::malformed. base64_decode accepts missing padding (OpenSSH does), never wrong padding.
Result<std::string> base64_decode(std::string_view text);
Result<std::string> base64url_decode(std::string_view text);

std::string hex(std::string_view bytes);  // lower case

}  // namespace nigh::wire
