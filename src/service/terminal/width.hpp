// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh::terminal {

// How many columns the character takes: 2, 1, or 0 for one that combines with its predecessor. As
// this machine's C library sees it, because the programs whose output is shown ask the same table.
int width(char32_t character);

}  // namespace nigh::terminal
