// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/run_arguments.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

// `nigh run` on one host, connected to our own standard streams. The object must outlive run().
class SingleRun {
 public:
  SingleRun(Supervisor& supervisor, const RunArguments& arguments)
      : supervisor_(supervisor), arguments_(arguments) {}

  // The exit status. Throws Failure for what is nigh's own.
  async::awaitable<int> run();

 private:
  // Whether the command gets a terminal there; says so when -t cannot be done.
  bool wants_terminal() const;
  Command command() const;
  // A person is at both ends of the terminal, and can speak to nigh beside the command.
  bool is_interactive(const Command& command) const;
  async::awaitable<ExitStatus> forward(async::Process& process, bool raw);
  async::awaitable<int> run_at_terminal(async::Host host, Command command);

  Supervisor& supervisor_;
  const RunArguments& arguments_;
};

// The same to its end; a failure is told on standard error, and is 255.
int run_single(Supervisor& supervisor, const RunArguments& arguments);

}  // namespace nigh::cli
