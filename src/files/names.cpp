// SPDX-License-Identifier: Apache-2.0
#include "files/names.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace nigh::files {
namespace {
constexpr std::size_t kMaxName = 255;  // NAME_MAX of every Linux file system
}

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == name.npos && !is_temporary_name(name);
}

std::string partial_name(std::string_view name) {
  return fmt::format(".nigh-part-{:016x}", XXH3_64bits(name.data(), name.size()));
}

bool is_temporary_name(std::string_view name) {
  return name.starts_with(".nigh-tmp-") || name.starts_with(".nigh-part-");
}

}  // namespace nigh::files
