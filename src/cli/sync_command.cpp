// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/transfer_command.hpp"

namespace nigh::cli {

int sync_command(const Arguments& arguments) {
  return handle(sync_usage(), parse_sync(arguments), run_transfer);
}

}  // namespace nigh::cli
