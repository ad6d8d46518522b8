// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::cli {

// "90" (seconds), "500ms", "10s", "5m", "1h30m", "2d": numbers with units, largest first as people
// write them but in any order. Zero and anything above a year are refused (Errc::usage).
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// "250 ms", "10 s", "15 min", "1 h 30 min": the two largest units that are not zero.
std::string describe(std::chrono::milliseconds duration);

}  // namespace nigh::cli
