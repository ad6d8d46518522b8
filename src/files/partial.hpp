// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::files {

struct LockedFile {
  UniqueFd fd;
  std::uint64_t size = 0;
};

// Opens or makes a partial file that nobody else has open like that: ours, private, of one name,
// and locked until it is closed. Whatever else has the name is removed first. Errc::unavailable:
// another process writes it. `path`: of the final file, for messages.
Result<LockedFile> open_locked(int directory, const std::string& name, const std::string& path);

}  // namespace nigh::files
