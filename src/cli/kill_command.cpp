// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_arguments.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> end_all(Supervisor& supervisor, const KillArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  int status = 0;
  for (const auto& session : arguments.sessions) {
    try {
      co_await host.end_session(session, arguments.signal);
    } catch (const Failure& failure) {
      complain(
          fmt::format("{}: {}: {}", printable(arguments.host), printable(session), failure.what()));
      status = 1;
    }
  }
  co_return status;
}

int act(const KillArguments& arguments) {
  Supervisor supervisor;
  return run_for_host(supervisor, arguments.host, end_all(supervisor, arguments), 1);
}

}  // namespace

int kill_command(const Arguments& arguments) {
  return handle(kill_usage(), parse_kill(arguments), act);
}

}  // namespace nigh::cli
