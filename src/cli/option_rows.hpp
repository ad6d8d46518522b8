// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/usage.hpp"

namespace nigh::cli {

// One option as help and manual show it.
struct OptionRow {
  std::string names;  // "-t, --tty"
  std::string value;  // "FILE"; empty: it takes none
  std::string says;
};

std::vector<OptionRow> option_rows(const Usage& usage);

}  // namespace nigh::cli
