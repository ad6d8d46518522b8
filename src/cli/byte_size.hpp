// SPDX-License-Identifier: Apache-2.0
// Numbers of bytes and of things, as people write and read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::cli {

// "500", "512K", "1.5M", "10MB", "2GiB": powers of 1024, as rsync has them, unless "B" alone
// follows the letter. Below 2^63. Errc::usage.
Result<std::uint64_t> parse_byte_size(std::string_view text);

// "999 B", "1.2 kB", "110 MB": powers of 1000, as disks and networks are sold.
std::string describe_bytes(std::uint64_t bytes);
// "110 MB/s"
std::string describe_rate(double bytes_per_second);

// "1,204"
std::string with_commas(std::uint64_t number);
// "1 file", "1,204 files": `noun` takes an "s".
std::string count_of(std::uint64_t number, std::string_view noun);

}  // namespace nigh::cli
