// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/text.hpp"
#include "cli/agent_forward.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/environment_option.hpp"
#include "cli/forward_report.hpp"
#include "cli/kept_run.hpp"
#include "cli/outcome.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_run.hpp"
#include "cli/shell_arguments.hpp"
#include "cli/single_run.hpp"
#include "cli/terminal.hpp"
#include "cli/wake.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

// While a session of that name is being started, or ended.
constexpr auto kBeforeNextAttempt = 50ms;

Command command_for(const ShellArguments& arguments, bool terminal) {
  auto command = arguments.command;
  command.login = command.command_line.empty();
  command.environment.merge(terminal ? terminal_environment_of(environ) : locale_of(environ));
  if (terminal) command.pty = our_terminal();
  return command;
}

SessionView view_of(const async::Host& host, const ShellArguments& arguments) {
  SessionView view{.host = arguments.host, .handle = arguments.command.name};
  view.escape = arguments.escape.value_or(host.escape_key());
  return view;
}

awaitable<std::optional<SessionInfo>> find_named(async::Host host, std::string name) {
  auto sessions = co_await host.sessions();
  auto found = std::ranges::find(sessions, name, &SessionInfo::name);
  if (found == sessions.end()) co_return std::nullopt;
  if (!found->terminal)
    throw Failure(Errc::usage, fmt::format("session {} has no terminal: `nigh attach` shows its "
                                           "output",
                                           printable(name)));
  co_return *found;
}

// What a session of that name left on its screen when it ended, which frees the name.
awaitable<void> show_end(Supervisor& supervisor, async::Host host, std::string id,
                         const ShellArguments& arguments) {
  AttachOptions screen_only;
  screen_only.scrollback = 0;
  auto process = co_await host.attach(id, screen_only);
  co_await run_session(supervisor, process, view_of(host, arguments));
  tell(fmt::format("nigh: that session {} has ended; a new one begins",
                   printable(arguments.command.name)));
}

async::awaitable<async::Process> start_shell(async::Host host, const ShellArguments& arguments,
                                             async::Forwarding& agent) {
  auto command = command_for(arguments, true);
  command.resume = true;
  agent = co_await forward_agent(host, arguments.host, arguments.agent, command);
  co_return co_await host.start(std::move(command));
}

// Others may start, or end, a session of that name at the same time.
awaitable<async::Process> attach_or_start(Supervisor& supervisor, async::Host host,
                                          const ShellArguments& arguments,
                                          async::Forwarding& agent) {
  constexpr int kMostAttempts = 60;
  AttachOptions options;
  options.pty = our_terminal();
  std::optional<Failure> failure;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    auto found = co_await find_named(host, arguments.command.name);
    if (found && found->exit) {
      co_await show_end(supervisor, host, found->id, arguments);
      continue;
    }
    if (!found && failure && failure->code() == Errc::usage) break;  // not because it is there
    try {
      auto process = found ? co_await host.attach(found->id, options)
                           : co_await start_shell(host, arguments, agent);
      co_await process.started();
      co_return process;
    } catch (const Failure& problem) {
      auto why = found ? problem.code() == Errc::not_found || problem.code() == Errc::unavailable
                       : problem.code() == Errc::usage;
      if (!why) throw;
      failure = problem;
    }
    co_await pause_for(kBeforeNextAttempt);
  }
  throw failure.value_or(Failure(Errc::unavailable, "sessions of that name come and go"));
}

awaitable<int> open_shell(Supervisor& supervisor, const ShellArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  auto forwarding =
      co_await start_forwards(supervisor, host, arguments.host, arguments.forwards,
                              ForwardReport::Show::no_failures, arguments.connect.verbose);
  async::Forwarding agent;
  auto process = arguments.command.name.empty()
                     ? co_await start_shell(host, arguments, agent)
                     : co_await attach_or_start(supervisor, host, arguments, agent);
  co_return co_await run_session(supervisor, process, view_of(host, arguments));
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
  run.forwards = arguments.forwards;
  run.agent = arguments.agent;
  run.command = command_for(arguments, false);
  Supervisor supervisor;
  return run_single(supervisor, run);
}

int act(const ShellArguments& arguments) {
  check(arguments.forwards);
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
