// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <memory>
#include <string>

#include "cli/output.hpp"

namespace nigh::cli {

// Tells what forwards do: a person on standard error, or a program on standard output.
class ForwardReport {
 public:
  enum class Show {
    everything,   // what fails, and with `verbose` what works
    no_failures,  // a terminal belongs to somebody else
    json,
  };
  // `supervisor` must outlive it.
  ForwardReport(Supervisor& supervisor, std::string host, Show show, bool verbose);

  void listening(const Listening& one);
  // They hold a share of the report.
  static ForwardEvents events(std::shared_ptr<ForwardReport> report);

 private:
  void opened(const ForwardedConnection& one);
  void closed(const ForwardedConnection& one);
  void failed(const ForwardedConnection& one, const Error& why);
  void lost(const std::string& why);
  void resumed();
  void print(const std::string& json);

  Output output_;
  std::string host_;
  Show show_;
  bool verbose_;
};

// Begins forwards, perhaps none, and says where they listen. What is returned must stay alive as
// long as they should.
async::awaitable<async::Forwarding> start_forwards(Supervisor& supervisor, async::Host host,
                                                   std::string name, Forwards forwards,
                                                   ForwardReport::Show show, bool verbose);

}  // namespace nigh::cli
