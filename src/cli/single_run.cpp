// SPDX-License-Identifier: Apache-2.0
#include "cli/single_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/duration.hpp"
#include "cli/kept_run.hpp"
#include "cli/run_for_host.hpp"
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
  if (!wants_terminal()) return command;
  command.pty = our_terminal();
  return command;
}

boost::asio::awaitable<ExitStatus> SingleRun::forward(async::Process& process, bool raw) {
  TerminalKeeper terminal;
  if (raw) terminal.make_raw();
  async::Process::Descriptors streams;
  if (arguments_.null_input) streams.in = -1;
  co_return co_await process.forward(streams);
}

boost::asio::awaitable<int> SingleRun::run() {
  auto host = co_await connect(supervisor_, arguments_.hosts[0], arguments_.connect);
  auto wanted = command();
  if (wanted.keep) co_return co_await start_kept(std::move(host), std::move(wanted));
  auto process = co_await host.start(wanted);
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
