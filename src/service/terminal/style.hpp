// SPDX-License-Identifier: Apache-2.0
// Select Graphic Rendition, read and written.
#pragma once

#include <string>

#include "service/terminal/cell.hpp"
#include "service/terminal/parser.hpp"

namespace nigh::terminal {

// What CSI … m makes of the pen. Unknown parameters are passed over.
void apply_rendition(const Sequence& sequence, Style& pen);

// The shortest sequence that makes `to` of a pen that is `from`; nothing if they are equal.
void append_rendition(std::string& out, const Style& from, const Style& to);

}  // namespace nigh::terminal
