// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/transfer_command.hpp"

namespace nigh::cli {

int cp_command(const Arguments& arguments) {
  return handle(cp_usage(), parse_cp(arguments), run_transfer);
}

}  // namespace nigh::cli
