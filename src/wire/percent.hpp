// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986).
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::wire {

// The bytes that `text` stands for: '+' is '+', "%2F" is '/'. Errc::malformed: '%' without two hex
// digits.
Result<std::string> percent_decode(std::string_view text);

// `bytes` as one segment of a path: all but unreserved characters are encoded, '/' too.
std::string percent_encode(std::string_view bytes);

}  // namespace nigh::wire
