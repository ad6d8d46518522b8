// SPDX-License-Identifier: Apache-2.0
#include "files/names.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace nigh::files {
namespace {
constexpr std::size_t kMaxName = 255;  // NAME_MAX of every Linux file system
constexpr std::string_view kPartial = ".nigh-part-";
constexpr std::size_t kPartialDigits = 16;
}  // namespace

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == name.npos && !is_temporary_name(name);
}

std::string partial_name(std::string_view name) {
  return fmt::format("{}{:016x}", kPartial, XXH3_64bits(name.data(), name.size()));
}

bool is_partial_name(std::string_view name) {
  return name.size() == kPartial.size() + kPartialDigits && name.starts_with(kPartial);
}

bool is_temporary_name(std::string_view name) {
  return name.starts_with(".nigh-tmp-") || name.starts_with(kPartial);
}

}  // namespace nigh::files
