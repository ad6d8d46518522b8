// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nigh/async.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/kept_arguments.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> end(const DisconnectArguments& arguments) {
  if (arguments.all) {
    co_await async::end_kept_connections(std::nullopt, arguments.drain);
    co_return 0;
  }
  int status = 0;
  for (const auto& host : arguments.hosts) {
    if (!(co_await async::end_kept_connections(host, arguments.drain)).empty()) continue;
    complain(fmt::format("no connection to {} is kept", printable(host)));
    status = 1;
  }
  co_return status;
}

int act(const DisconnectArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(end(arguments));
}

}  // namespace

int disconnect_command(const Arguments& arguments) {
  return handle(disconnect_usage(), parse_disconnect(arguments), act);
}

}  // namespace nigh::cli
