// SPDX-License-Identifier: Apache-2.0
// A row of cells as the bytes that draw it: UTF-8, SGR, and gaps that the cursor is moved over.
// They begin and end with the standard pen, and draw on a row that is empty.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/terminal/cell.hpp"
#include "service/terminal/style.hpp"

namespace nigh::terminal {

// Appends the row's cells up to the last that is not an erased one of the standard colour. A row
// that continues the one before is begun by a wrap, which has coloured it if its first character's
// background has a colour: there, what is erased is erased anew.
void append_line(std::string& out, std::span<const Cell> cells, bool is_continuation);

// A line's bytes without what erases the rest of its row, for one that may end in another place;
// the pen has to be reset behind them.
std::string_view without_last_erasing(std::string_view line);

// Appends the cell's characters.
void append_characters(std::string& out, const Cell& cell);

// The cells that the bytes of append_line() draw; erased ones at the end may be missing. Any bytes
// are safe, and make no more than `max_columns` cells.
std::vector<Cell> decode_line(std::string_view bytes, std::size_t max_columns);

}  // namespace nigh::terminal
