// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_usage.hpp"

#include "cli/transfer_options.hpp"

namespace nigh::cli {

const std::vector<ExitStatusNote>& transfer_exits() {
  static const std::vector<ExitStatusNote> exits{
      {"0", "all is done"},
      {"1", "nothing could be done; stderr says why"},
      {"2", "usage error"},
      {"23", "some files failed, each with a line on stderr; the rest is done"},
      {"24", "some files vanished before they were read; the rest is done"},
      {"130",
       "interrupted (128+N: by signal N); what is there stays, and the same command goes "
       "on from there"}};
  return exits;
}

void show_cp_options(CLI::App& app) {
  static RawTransfer unused;
  unused.add_options(app, TransferCommand::cp);
}

void show_sync_options(CLI::App& app) {
  static RawTransfer unused;
  unused.add_options(app, TransferCommand::sync);
}

}  // namespace nigh::cli
