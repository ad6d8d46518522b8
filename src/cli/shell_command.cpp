// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/environment_option.hpp"
#include "cli/kept_run.hpp"
#include "cli/outcome.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_run.hpp"
#include "cli/shell_arguments.hpp"
#include "cli/single_run.hpp"
#include "cli/terminal.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

Command command_for(const ShellArguments& arguments, bool terminal) {
  auto command = arguments.command;
  command.login = command.command_line.empty();
  command.environment.merge(terminal ? terminal_environment_of(environ) : locale_of(environ));
  if (terminal) command.pty = our_terminal();
  return command;
}

// The id of the terminal that runs under the name; empty: there is none.
awaitable<std::string> find_shell(async::Host host, std::string name) {
  auto sessions = co_await host.sessions();
  auto found = std::ranges::find_if(sessions, [&](const SessionInfo& session) {
    return session.name == name && session.terminal && !session.exit;
  });
  co_return found == sessions.end() ? "" : found->id;
}

awaitable<async::Process> attach_or_start(async::Host host, const ShellArguments& arguments) {
  const auto& name = arguments.command.name;
  if (!name.empty()) {
    auto id = co_await find_shell(host, name);
    AttachOptions options;
    options.pty = our_terminal();
    if (!id.empty()) co_return co_await host.attach(id, options);
  }
  auto command = command_for(arguments, true);
  command.resume = true;
  co_return co_await host.start(std::move(command));
}

awaitable<int> open_shell(Supervisor& supervisor, const ShellArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  auto process = co_await attach_or_start(host, arguments);
  SessionView view{.host = arguments.host, .handle = arguments.command.name};
  view.escape = arguments.escape;
  co_return co_await run_session(supervisor, process, std::move(view));
}

awaitable<int> open_detached(Supervisor& supervisor, const ShellArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  auto command = command_for(arguments, true);
  command.keep = true;
  co_return co_await start_kept(std::move(host), std::move(command));
}

int run_without_terminal(const ShellArguments& arguments) {
  if (!arguments.command.name.empty())
    throw Failure(Errc::usage,
                  "--name needs a terminal on standard input and output, or "
                  "--detached; `nigh run --keep --name` starts a command without one");
  RunArguments run;
  run.hosts = {arguments.host};
  run.connect = arguments.connect;
  run.command = command_for(arguments, false);
  Supervisor supervisor;
  return run_single(supervisor, run);
}

int act(const ShellArguments& arguments) {
  bool terminal = input_is_terminal() && ::isatty(STDOUT_FILENO) == 1;
  if (!terminal && !arguments.detached) return run_without_terminal(arguments);
  Supervisor supervisor(Supervisor::Window::follow);
  return run_for_host(supervisor, arguments.host,
                      arguments.detached ? open_detached(supervisor, arguments)
                                         : open_shell(supervisor, arguments));
}

}  // namespace

int shell_command(const Arguments& arguments) {
  return handle(shell_usage(), parse_shell(arguments), act,
                {.usage = kOwnFailure, .failure = kOwnFailure});
}

}  // namespace nigh::cli
