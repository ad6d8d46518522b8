// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nigh::resource {

// HTTP's dates (RFC 9110, section 5.6.7), as seconds since 1970. Pure.
// "Sun, 06 Nov 1994 08:49:37 GMT"; empty for what has no four-digit year.
std::string http_date(std::int64_t seconds);
// All three forms that a recipient has to take; nullopt for anything else. Years of two digits are
// 1970 to 2069. The name of the weekday is not compared with the date.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace nigh::resource
