// SPDX-License-Identifier: Apache-2.0
// JSON that a server sent, read without trust. Included by the .cpp files that parse answers.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::client {

using Json = nlohmann::json;

// A discarded value for anything but an object of modest depth.
Json parse_object(std::string_view text);
// Printable and not long; "" if there is no such text.
std::string text_of(const Json& object, const char* name);
// RFC 3339 in UTC and whole seconds: "2026-01-02T03:04:05Z".
std::optional<std::chrono::system_clock::time_point> parse_time(const std::string& text);
// Errc::malformed.
std::unexpected<Error> not_understood(std::string_view what);

}  // namespace nigh::client
