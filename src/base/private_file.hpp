// SPDX-License-Identifier: Apache-2.0
// Files that belong to one account alone: keys, tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace nigh {

// Refused (Errc::refused) if others could read it, as ssh does with private keys; Errc::too_large
// over `limit`; else what the system says.
Result<Secret> read_private_file(const std::string& path, std::size_t limit);

// 0600, durable when it returns. Fails if the file exists.
Result<void> write_new_private_file(const std::string& path, std::string_view text);

// 0700, and so are parents that lack. Refused if it is there but others may enter it.
Result<void> make_private_directory(const std::string& path);

}  // namespace nigh
