// SPDX-License-Identifier: Apache-2.0
// Names to addresses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/asio.hpp"

namespace nigh::io {

// The addresses of `host`, which may be a numeric address, in the order in which to try them.
// Throws Errc::not_found (no such name), Errc::unavailable (the name service did not answer).
// Cancelling returns at once: a name service that stalls holds up nobody.
awaitable<std::vector<tcp::endpoint>> look_up_host(std::string host, std::uint16_t port);

// RFC 8305, section 4: families take turns, beginning with that of the first address.
std::vector<tcp::endpoint> interleave_families(const std::vector<tcp::endpoint>& endpoints);

}  // namespace nigh::io
