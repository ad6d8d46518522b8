// SPDX-License-Identifier: Apache-2.0
// What HTTP says about a file beside its bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "files/entry.hpp"
#include "service/resource/conditions.hpp"
#include "service/resource/exchange.hpp"

namespace nigh::resource {

// "<inode>-<size>-<nanoseconds of mtime>" in hex, with the quotes. A new file in its place has
// another inode, a write another mtime.
std::string etag(const files::Entry& file);

std::string mode_text(std::uint32_t mode);       // "0644"
std::string time_text(const files::Time& time);  // "1700000000.000000001"
// Up to 7777, octal. Errc::malformed.
Result<std::uint32_t> parse_mode(std::string_view text);
// Seconds, and up to nine digits of a fraction that counts upwards. Errc::malformed.
Result<files::Time> parse_time(std::string_view text);

// etag, last-modified, nigh-mode and nigh-mtime.
Headers attribute_headers(const files::Entry& file);

Conditions conditions_of(const Request& request);
Validators validators_of(const std::optional<files::Entry>& entry);
// For methods that change something: throws Refused, 412, unless the conditions hold.
void check_conditions(const Request& request, const std::optional<files::Entry>& entry);

// nigh-mode of the request. Throws Refused.
std::optional<std::uint32_t> wanted_mode(const Request& request);

}  // namespace nigh::resource
