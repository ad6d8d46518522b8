// SPDX-License-Identifier: Apache-2.0
#include "cli/host_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>

#include "base/text.hpp"
#include "cli/agent_forward.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/contact_lines.hpp"
#include "cli/failure.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<void> attempt(Supervisor& supervisor, const RunArguments& arguments,
                                     const Consumer& consume, Outcome& outcome) {
  if (supervisor.interrupted()) throw Failure(Errc::cancelled, "interrupted before it began");
  auto host = co_await connect(supervisor, outcome.host, with_resume_limit(arguments.connect));
  if (supervisor.interrupted()) throw Failure(Errc::cancelled, "interrupted before it began");
  outcome.started = std::chrono::system_clock::now();
  auto command = arguments.command;
  command.resume = !arguments.no_resume;
  auto agent = co_await forward_agent(host, outcome.host, arguments.agent, command);
  auto process = co_await host.start(std::move(command));
  ContactLines contact(process, outcome.host, arguments.connect.verbose);
  Supervisor::Watch watch(supervisor, process);
  outcome.exit = co_await consume(process);
  outcome.status = outcome.exit->shell_status();
}

}  // namespace

boost::asio::awaitable<void> run_on_host(Supervisor& supervisor, const RunArguments& arguments,
                                         const Consumer& consume, Outcome& outcome) {
  using Clock = std::chrono::steady_clock;
  outcome.started = std::chrono::system_clock::now();
  auto start = Clock::now();
  try {
    co_await attempt(supervisor, arguments, consume, outcome);
  } catch (...) {
    outcome.error = to_error(std::current_exception());
  }
  outcome.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  if (outcome.error && !supervisor.ended())
    complain(fmt::format("{}: {}", printable(outcome.host), outcome.error->message));
}

}  // namespace nigh::cli
