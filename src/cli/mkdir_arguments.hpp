// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "cli/file_arguments.hpp"

namespace nigh::cli {

// `nigh mkdir` as typed.
struct MkdirArguments : FileArguments {
  bool parents = false;
  std::optional<std::uint32_t> mode;  // none: as the host's umask has it
};

Result<MkdirArguments> parse_mkdir(const Arguments& arguments);

}  // namespace nigh::cli
