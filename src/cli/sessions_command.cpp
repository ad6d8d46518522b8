// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_arguments.hpp"
#include "cli/session_choice.hpp"
#include "cli/session_table.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

bool may_go(const SessionInfo& session, const SessionsArguments& arguments) {
  if (session.exit) return true;
  return arguments.idle && session.clients.empty() && session.idle >= *arguments.idle;
}

// Not cut for a pipe, whose reader wants it all.
std::size_t columns() {
  constexpr std::size_t kNoLimit = 1 << 20;
  winsize size{};
  bool terminal = ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return terminal && size.ws_col > 0 ? size.ws_col : kNoLimit;
}

std::string text_for(const std::vector<SessionInfo>& sessions, bool json) {
  if (!json)
    return session_table(sessions, columns(), std::chrono::system_clock::now(),
                         Style::of(STDOUT_FILENO));
  std::string lines;
  for (const auto& session : sessions) lines += session_json(session) + '\n';
  return lines;
}

awaitable<std::vector<SessionInfo>> listed(async::Host host, const SessionsArguments& arguments) {
  auto all = co_await host.sessions();
  co_return arguments.all ? std::move(all) : lasting(std::move(all));
}

awaitable<void> prune(async::Host host, const SessionsArguments& arguments) {
  for (const auto& session : co_await listed(host, arguments)) {
    if (!may_go(session, arguments)) continue;
    try {
      co_await host.end_session(session.id);
    } catch (const Failure& failure) {
      if (failure.code() != Errc::not_found) throw;  // it went by itself
    }
  }
}

awaitable<int> list(Supervisor& supervisor, const SessionsArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  if (arguments.prune) co_await prune(host, arguments);
  co_return print(text_for(co_await listed(host, arguments), arguments.json), 1);
}

int act(const SessionsArguments& arguments) {
  Supervisor supervisor;
  return run_for_host(supervisor, arguments.host, list(supervisor, arguments), 1);
}

}  // namespace

int sessions_command(const Arguments& arguments) {
  return handle(sessions_usage(), parse_sessions(arguments), act);
}

}  // namespace nigh::cli
