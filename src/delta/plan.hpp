// SPDX-License-Identifier: Apache-2.0
// Whether another question pays, and in what blocks.
#pragma once

#include "delta/regions.hpp"

namespace nigh::delta {

// For the first question: grows with the file until the signature's limit.
std::uint32_t first_block(std::uint64_t basis_size);
// Does asking for all of it in blocks of that size cost less than it may save?
bool pays(const Regions& regions, std::uint32_t block, const Costs& costs);
// The block below `block` in which asking costs least, what comes after it included; nullopt: not
// asking costs least.
std::optional<std::uint32_t> finer_block(const Regions& regions, std::uint32_t block,
                                         const Costs& costs);

}  // namespace nigh::delta
