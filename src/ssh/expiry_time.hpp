// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.hpp"

namespace nigh::ssh {

// The time of expiry-time= (sshd(8)) in seconds since 1970: YYYYMMDD, YYYYMMDDHHMM or
// YYYYMMDDHHMMSS, in the system's time zone or, with a final Z or UTC, in UTC.
// Errc::malformed, also for days and hours that do not exist and for times before 1970.
Result<std::uint64_t> parse_expiry_time(std::string_view text);

}  // namespace nigh::ssh
