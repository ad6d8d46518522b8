// SPDX-License-Identifier: Apache-2.0
// errno of a file operation as an Error.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace nigh::files {

// "cannot write /x: the disk is full (No space left on device)". `what` names the operation. Which
// code: see Directory; beside those Errc::too_large for EFBIG.
Error file_error(std::string_view what, std::string_view path, int error_number);
inline std::unexpected<Error> fail_file(std::string_view what, std::string_view path,
                                        int error_number) {
  return std::unexpected(file_error(what, path, error_number));
}

// For what is no name of one thing in a directory: a path, "..", …
Error bad_name(std::string_view name);

// Whether such an Error means that there is no room: ENOSPC or EDQUOT.
bool is_out_of_space(const Error& error);

}  // namespace nigh::files
