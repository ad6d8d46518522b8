// SPDX-License-Identifier: Apache-2.0
// What is shown while a host is not heard of. Pure.
#pragma once

#include <nigh/types.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace nigh::cli {

// "nigh: no contact with web1 for 12 s; ~. leaves", shortened until it fits into `columns`; empty
// if nothing fits. `way_out` is what is typed to leave; empty: there is nothing.
std::string contact_text(std::string_view host, std::chrono::milliseconds since,
                         std::string_view way_out, std::size_t columns);

// How `text` gets to the right end of the bottom row, where a shell's line rarely reaches, and
// goes from there. Cursor and colours are as before; nothing scrolls.
std::string draw_at_bottom(std::string_view text, const WindowSize& window);
std::string erase_at_bottom(std::string_view text, const WindowSize& window);

}  // namespace nigh::cli
