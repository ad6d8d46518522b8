// SPDX-License-Identifier: Apache-2.0
// An ECDSA signature is two numbers: SSH writes two mpints (RFC 5656 section 3.1.2), libcrypto DER.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::ssh {

// Errc::malformed; a number of more than `coordinate_bytes` cannot be one of that curve.
Result<std::string> ecdsa_to_der(std::string_view ssh_form, std::size_t coordinate_bytes);
// Aborts on what libcrypto did not make itself.
std::string ecdsa_from_der(std::string_view der);

}  // namespace nigh::ssh
