// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <exception>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/supervisor.hpp"
#include "cli/transfer_arguments.hpp"
#include "cli/transfer_display.hpp"

namespace nigh::cli {

// `nigh cp` and `nigh sync` of files and trees: connects, has the work for each host done and says
// what came of it. The first signal ends the transfer in good order, the second nigh. Must outlive
// run().
class TransferRun {
 public:
  TransferRun(Supervisor& supervisor, const TransferArguments& arguments);
  ~TransferRun();

  async::awaitable<int> run();  // the exit status

 private:
  // The sources on one host, or on this machine, that follow each other.
  struct Part {
    std::string host;
    std::vector<std::string> paths;
  };
  std::vector<Part> parts() const;

  async::awaitable<void> attempt(Part part);
  async::awaitable<void> transfer(Part part);
  async::awaitable<TransferReport> put(Part part, TransferEvents events);
  async::awaitable<TransferReport> get(Part part, TransferEvents events);
  async::awaitable<TransferReport> relay(Part part, TransferEvents events);
  async::awaitable<void> check_destination();
  async::awaitable<async::Host> host(std::string name);
  void failed(const std::exception_ptr& thrown);
  bool is_sync() const { return arguments_.command == TransferCommand::sync; }

  Supervisor& supervisor_;
  const TransferArguments& arguments_;
  TransferDisplay display_;
  TransferOutcome outcome_;
  std::map<std::string, async::Host> hosts_;
  std::string busy_with_;  // the host, or both, that a failure is about
  bool usage_ = false;     // what was asked for makes no sense, as only the transfer could tell
  struct Ticker;
  std::unique_ptr<Ticker> ticker_;
};

}  // namespace nigh::cli
