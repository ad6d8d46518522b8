// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace nigh::cli {

// -A and -a: whether a command finds our ssh-agent. Neither: as the configuration has it.
struct AgentOption {
  bool yes = false;
  bool no = false;

  void add_to(CLI::App& app);
};

}  // namespace nigh::cli
