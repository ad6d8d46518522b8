// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <unistd.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/outcome.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_arguments.hpp"
#include "cli/session_choice.hpp"
#include "cli/session_run.hpp"
#include "cli/session_table.hpp"
#include "cli/terminal.hpp"
#include "cli/terminal_question.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

SessionInfo ask_which(Supervisor& supervisor, const std::vector<SessionInfo>& sessions) {
  TerminalQuestion terminal(supervisor);
  auto text = choice_question(sessions);
  while (terminal.somebody_is_there()) {
    auto line = terminal.ask(text);
    if (!line) throw Failure(Errc::cancelled, "no session was chosen");
    if (auto chosen = choice_typed(sessions, *line)) return sessions[*chosen];
    text = fmt::format("Please type a number from 1 to {}, or a name: ", sessions.size());
  }
  throw Failure(Errc::usage, fmt::format("there are several sessions, and no terminal to ask at: "
                                         "name one of {}",
                                         list_sessions(sessions)));
}

SessionInfo choose(Supervisor& supervisor, const std::vector<SessionInfo>& sessions,
                   const AttachArguments& arguments) {
  if (!arguments.session.empty()) return unwrap(named_session(sessions, arguments.session));
  auto left = candidates(sessions);
  if (left.empty())
    throw Failure(Errc::not_found, fmt::format("there is no session; nigh {} begins one",
                                               printable(arguments.host)));
  return left.size() == 1 ? left[0] : ask_which(supervisor, left);
}

awaitable<int> attach(Supervisor& supervisor, const AttachArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  auto session = choose(supervisor, co_await host.sessions(), arguments);
  AttachOptions options;
  options.scrollback = arguments.scrollback;
  options.read_only = arguments.read_only;
  if (!session.terminal) options.tail = arguments.tail;
  bool shown = session.terminal && ::isatty(STDOUT_FILENO) == 1;
  if (shown && !arguments.read_only) options.pty = our_terminal();
  auto process = co_await host.attach(session.id, options);
  SessionView view{.host = arguments.host, .handle = handle_of(session)};
  view.terminal = session.terminal;
  view.read_only = arguments.read_only;
  view.escape = arguments.escape.value_or(host.escape_key());
  co_return co_await run_session(supervisor, process, std::move(view));
}

int act(const AttachArguments& arguments) {
  Supervisor supervisor(Supervisor::Window::follow);
  return run_for_host(supervisor, arguments.host, attach(supervisor, arguments));
}

}  // namespace

int attach_command(const Arguments& arguments) {
  return handle(attach_usage(), parse_attach(arguments), act,
                {.usage = kOwnFailure, .failure = kOwnFailure});
}

}  // namespace nigh::cli
