// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "cli/capture.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/environment_option.hpp"
#include "cli/fleet_run.hpp"
#include "cli/host_run.hpp"
#include "cli/single_run.hpp"
#include "cli/terminal.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> run_json(Supervisor& supervisor, const RunArguments& arguments) {
  Outcome outcome{.host = arguments.hosts[0]};
  Captured captured;
  Consumer consume = [&](async::Process& process) {
    return arguments.null_input ? capture(process, captured)
                                : capture_with_input(process, captured);
  };
  co_await run_on_host(supervisor, arguments, consume, outcome);
  outcome.out = std::move(captured.out);
  outcome.err = std::move(captured.err);
  int printed = print(to_json(outcome, arguments.command) + '\n', kOwnFailure);
  co_return printed != 0 ? printed : outcome.status;
}

int act(const RunArguments& typed) {
  check(typed.forwards);
  auto arguments = typed;
  arguments.command.environment.merge(arguments.tty > 0 ? terminal_environment_of(environ)
                                                        : locale_of(environ));  // --env wins
  TerminalKeeper terminal;
  Supervisor supervisor(arguments.tty > 0 ? Supervisor::Window::follow
                                          : Supervisor::Window::ignore);
  if (arguments.hosts.size() > 1) {
    FleetRun fleet(supervisor, arguments);
    return supervisor.run(fleet.run());
  }
  if (arguments.json) return supervisor.run(run_json(supervisor, arguments));
  return run_single(supervisor, arguments);
}

}  // namespace

int run_command(const Arguments& arguments) {
  return handle(run_usage(), parse_run(arguments), act,
                {.usage = kOwnFailure, .failure = kOwnFailure});
}

}  // namespace nigh::cli
