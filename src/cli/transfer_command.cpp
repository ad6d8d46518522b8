// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_command.hpp"

#include "cli/supervisor.hpp"
#include "cli/terminal.hpp"
#include "cli/transfer_direct.hpp"
#include "cli/transfer_run.hpp"
#include "cli/transfer_stream.hpp"

namespace nigh::cli {

int run_transfer(const TransferArguments& arguments) {
  TerminalKeeper terminal;
  Supervisor supervisor;
  if (arguments.from_input()) return supervisor.run(copy_input(supervisor, arguments));
  if (arguments.to_output()) return supervisor.run(copy_to_output(supervisor, arguments));
  if (arguments.direct) return supervisor.run(transfer_directly(supervisor, arguments));
  TransferRun run(supervisor, arguments);
  return supervisor.run(run.run());
}

}  // namespace nigh::cli
