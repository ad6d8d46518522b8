// SPDX-License-Identifier: Apache-2.0
// What every command writes with: results to standard output, words for people to standard error.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.hpp"

namespace nigh::cli {

// Width for help and findings: that of the terminal, at most 100 so that lines stay readable, 80
// where there is none.
std::size_t text_columns(int fd);

// Writes all of `text`. Errc::closed: nobody reads any more (EPIPE), which is no reason to
// complain; other codes carry the reason.
Result<void> write_all(int fd, std::string_view text);

// Writes to standard output; a failure is told on standard error and is the exit status (141 when
// nobody reads, as if SIGPIPE had ended us; else `failure`), else 0.
int print(std::string_view text, int failure);

// "nigh: message" on standard error, as one line whatever is in the message.
void complain(std::string_view message);
// A line on standard error as it is; `line` must be free of foreign bytes.
void tell(std::string_view line);

}  // namespace nigh::cli
