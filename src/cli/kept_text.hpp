// SPDX-License-Identifier: Apache-2.0
// How kept connections are shown. Pure.
#pragma once

#include <nigh/types.hpp>

#include <chrono>
#include <string>

#include "cli/style.hpp"

namespace nigh::cli {

// A heading and some lines.
std::string kept_text(const KeptConnection& kept, std::chrono::system_clock::time_point now,
                      const Style& style);

// One JSON object, without a line feed.
std::string kept_json(const KeptConnection& kept);

}  // namespace nigh::cli
