// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "cli/run_arguments.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

// `nigh run` on several hosts, in one event loop. Must outlive run().
class FleetRun {
 public:
  FleetRun(Supervisor& supervisor, const RunArguments& arguments);

  // The worst exit status, after the summary. What fails on one host does not disturb the others.
  async::awaitable<int> run();

 private:
  async::awaitable<void> work_off();  // takes the next host as long as there is one
  async::awaitable<void> run_with_lines(Outcome& outcome);
  async::awaitable<void> run_with_json(Outcome& outcome);
  async::awaitable<ExitStatus> print_lines(async::Process& process, const Outcome& outcome);
  std::string prefix(const std::string& host, int fd) const;

  Supervisor& supervisor_;
  const RunArguments& arguments_;
  Output output_;
  std::vector<Outcome> outcomes_;
  std::size_t next_ = 0;
  std::size_t widest_ = 0;
};

}  // namespace nigh::cli
