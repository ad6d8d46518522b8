// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "service/terminal/screen.hpp"
#include "service/terminal/state.hpp"

namespace nigh::terminal {

// The bytes that bring a terminal of the state's size to that state (Screen::repaint).
std::string repaint(const State& state, std::size_t history_lines, PaintFrom from);

}  // namespace nigh::terminal
