// SPDX-License-Identifier: Apache-2.0
// What files are like, in the words of ls and du.
#pragma once

#include <nigh/files.hpp>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace nigh::cli {

std::string mode_text(const FileInfo& info);  // "-rw-r--r--", "drwxrwxrwt"
std::string size_text(std::uint64_t bytes);   // "999", "1.2K", "45M": powers of 1024, rounded up
std::string list_time(std::int64_t seconds, std::time_t now);  // "Jan 31 08:00", "Jan 31  2020"
std::string local_time(std::int64_t seconds, std::uint32_t nanoseconds);  // with both and the zone
std::string utc_time(std::int64_t seconds, std::uint32_t nanoseconds);    // RFC 3339

std::string owner_text(const std::string& name, std::uint32_t number);  // the name, if there is one
std::string last_component(std::string_view path);  // "b" of "a/b/"; "/" and "" are themselves
std::string joined(std::string_view folder, std::string_view name);  // "a/b"

}  // namespace nigh::cli
