// SPDX-License-Identifier: Apache-2.0
// What can be told of output without interpreting it, at the speed of memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace nigh::terminal {

// Plain output is text, CR, LF, TAB, BS, SGR and EL: nothing that writes to any row but the
// cursor's, or moves the cursor up. Returns its length up to an escape sequence that is not
// complete yet, if it is plain.
std::optional<std::size_t> scan_plain(std::string_view bytes);

// How many rows plain output goes down at least on a terminal of that width, as long as it wraps.
std::size_t rows_at_least(std::string_view plain, int columns);

// Where one may begin to read plain output, instead of at its begin, and end with the same rows
// from the next row on: at a CR, where the pen is known.
struct PlainCut {
  std::size_t offset = 0;
  bool has_standard_pen = false;  // else the pen is that of the begin
};
std::optional<PlainCut> last_cut(std::string_view plain);

// Where the printable ASCII at the end of plain output begins.
std::size_t begin_of_last_run(std::string_view plain);

}  // namespace nigh::terminal
