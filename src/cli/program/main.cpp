// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"
#include "keep/keep_role.hpp"
#include "server/role.hpp"

int main(int argc, char** argv) {
  // A server runs this program again as each of its other processes; those are no commands.
  if (auto status = nigh::server::run_role(argc, argv)) return *status;
  if (auto status = nigh::keep::run_role(argc, argv)) return *status;
  nigh::cli::prepare_process();
  return nigh::cli::run_program({argv + (argc > 0 ? 1 : 0), argv + argc});
}
