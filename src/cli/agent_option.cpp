// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_option.hpp"

#include <CLI/CLI.hpp>

namespace nigh::cli {

void AgentOption::add_to(CLI::App& app) {
  app.add_flag("-A,--forward-agent", yes,
               "Let programs on the host use the ssh-agent here: list its keys and sign with them, "
               "nothing else. As long as nigh runs; who is root there can use it, too.");
  app.add_flag("-a,--no-forward-agent", no, "Do not, whatever the configuration says.")
      ->excludes("--forward-agent");
}

}  // namespace nigh::cli
