// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "cli/style.hpp"

namespace nigh::cli {

using Findings = std::vector<async::Finding>;

bool all_well(const Findings& findings);

// "ok    name      web1 is 192.0.2.7", a line each; advice stands under what is wrong.
std::string findings_text(const Findings& findings, std::size_t columns, const Style& style);
std::string findings_json(const std::string& host, const Findings& findings);

}  // namespace nigh::cli
