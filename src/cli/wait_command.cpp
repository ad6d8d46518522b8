// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/outcome.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_arguments.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> wait_for_exit(Supervisor& supervisor, const WaitArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  auto exit = co_await host.wait_session(arguments.session);
  co_return exit.shell_status();
}

int act(const WaitArguments& arguments) {
  Supervisor supervisor;
  return run_for_host(supervisor, arguments.host, wait_for_exit(supervisor, arguments));
}

}  // namespace

int wait_command(const Arguments& arguments) {
  return handle(wait_usage(), parse_wait(arguments), act,
                {.usage = kOwnFailure, .failure = kOwnFailure});
}

}  // namespace nigh::cli
