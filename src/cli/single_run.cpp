// SPDX-License-Identifier: Apache-2.0
#include "cli/single_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/agent_forward.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/contact_lines.hpp"
#include "cli/duration.hpp"
#include "cli/forward_report.hpp"
#include "cli/kept_run.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_run.hpp"
#include "cli/terminal.hpp"

namespace nigh::cli {

bool SingleRun::wants_terminal() const {
  if (arguments_.tty == 0) return false;
  if (arguments_.tty > 1 || input_is_terminal()) return true;
  complain("no terminal for the command: standard input is none here (-tt insists)");
  return false;
}

Command SingleRun::command() const {
  auto command = arguments_.command;
  if (wants_terminal()) command.pty = our_terminal();
  // A terminal goes on without its client, so somebody must be able to leave it: who is a program
  // only has it as long as it is connected.
  command.resume = !arguments_.no_resume && (!command.pty || is_interactive(command));
  return command;
}

bool SingleRun::is_interactive(const Command& command) const {
  return command.pty && !arguments_.null_input && input_is_terminal() &&
         ::isatty(STDOUT_FILENO) == 1;
}

boost::asio::awaitable<int> SingleRun::run_at_terminal(async::Host host, Command command) {
  auto process = co_await host.start(std::move(command));
  SessionView view{.host = arguments_.hosts[0], .handle = ""};
  view.escape = arguments_.escape.value_or(host.escape_key());
  view.is_command = true;
  co_return co_await run_session(supervisor_, process, std::move(view));
}

boost::asio::awaitable<ExitStatus> SingleRun::forward(async::Process& process, bool raw) {
  TerminalKeeper terminal;
  if (raw) terminal.make_raw();
  async::Process::Descriptors streams;
  if (arguments_.null_input) streams.in = -1;
  co_return co_await process.forward(streams);
}

boost::asio::awaitable<int> SingleRun::run() {
  auto wanted = command();
  auto how = wanted.pty ? arguments_.connect : with_resume_limit(arguments_.connect);
  auto host = co_await connect(supervisor_, arguments_.hosts[0], std::move(how));
  auto forwarding = co_await start_forwards(
      supervisor_, host, arguments_.hosts[0], arguments_.forwards,
      wanted.pty ? ForwardReport::Show::no_failures : ForwardReport::Show::everything,
      arguments_.connect.verbose);
  if (wanted.keep) co_return co_await start_kept(std::move(host), std::move(wanted));
  auto agent = co_await forward_agent(host, arguments_.hosts[0], arguments_.agent, wanted);
  if (wanted.resume && wanted.pty) co_return co_await run_at_terminal(std::move(host), wanted);
  auto process = co_await host.start(wanted);
  ContactLines contact(process, arguments_.hosts[0], arguments_.connect.verbose,
                       ContactLines::Show::screen);
  Supervisor::Watch watch(supervisor_, process);
  auto exit = co_await forward(process, wanted.pty.has_value() && !arguments_.null_input);
  if (exit.timed_out)
    complain(fmt::format("{}: ended by the time limit of {}", printable(arguments_.hosts[0]),
                         describe(*wanted.time_limit)));
  co_return exit.shell_status();
}

int run_single(Supervisor& supervisor, const RunArguments& arguments) {
  SingleRun single(supervisor, arguments);
  return run_for_host(supervisor, arguments.hosts[0], single.run());
}

}  // namespace nigh::cli
