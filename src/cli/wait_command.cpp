// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/outcome.hpp"
#include "cli/run_for_host.hpp"
#include "cli/session_arguments.hpp"
#include "cli/wake.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

// What another connection may do away with.
bool may_pass(Errc code) {
  return code == Errc::closed || code == Errc::unavailable || code == Errc::timeout;
}

awaitable<async::Host> connect_again(Supervisor& supervisor, const WaitArguments& arguments) {
  for (auto pause = 1000ms;; pause = std::min<std::chrono::milliseconds>(2 * pause, 30s)) {
    co_await pause_for(pause);
    try {
      co_return co_await connect(supervisor, arguments.host, arguments.connect);
    } catch (const Failure& failure) {
      // Without a network there is no name service either.
      if (!may_pass(failure.code()) && failure.code() != Errc::not_found) throw;
    }
  }
}

// nullopt: the connection was lost first.
awaitable<std::optional<ExitStatus>> wait_once(async::Host host, const WaitArguments& arguments) {
  try {
    co_return co_await host.wait_session(arguments.session);
  } catch (const Failure& failure) {
    if (!may_pass(failure.code())) throw;
    complain(fmt::format("{}: {}; trying again", printable(arguments.host), failure.what()));
  }
  co_return std::nullopt;
}

// A session survives its connections, so who waits for it does.
awaitable<int> wait_for_exit(Supervisor& supervisor, const WaitArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  for (;;) {
    if (auto exit = co_await wait_once(host, arguments)) co_return exit->shell_status();
    host = co_await connect_again(supervisor, arguments);
  }
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
