// SPDX-License-Identifier: Apache-2.0
// The small files that a client reads and the one that it appends to. Blocking: they are local,
// and the whole program waits for them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace nigh::client {

// The text of a regular file; nullopt if it does not exist. Errc::too_large over `limit`;
// Errc::system for any other reason, a directory or device included.
Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit);

// The same for a private key. Errc::refused, as ssh does, if it is ours but group or others may
// read it: whoever could has the key already.
Result<std::optional<Secret>> read_private_file(const std::string& path, std::size_t limit);

// The same for a configuration that decides whom to trust: Errc::refused, as ssh does, if others
// than root and we could have written it.
Result<std::optional<std::string>> read_trusted_file(const std::string& path, std::size_t limit);

bool file_exists(const std::string& path);

// Appends `line` (which ends in a newline) in one write, after the newline that the file's last
// line may lack. Makes the file with mode 0600 and its folder with 0700 where missing.
Result<void> append_line(const std::string& path, std::string_view line);

}  // namespace nigh::client
