// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nigh/async.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/kept_arguments.hpp"
#include "cli/kept_text.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> show(const StatusArguments& arguments) {
  std::optional<std::string> target;
  if (!arguments.host.empty()) target = arguments.host;
  auto all = co_await async::kept_connections(target);
  if (all.empty() && target) {
    complain(fmt::format("no connection to {} is kept", printable(arguments.host)));
    co_return 1;
  }
  if (all.empty() && !arguments.json) tell("No connection is kept.");
  std::ranges::sort(all, {}, &KeptConnection::since);
  std::string text;
  auto now = std::chrono::system_clock::now();
  for (const auto& kept : all)
    text +=
        arguments.json ? kept_json(kept) + '\n' : kept_text(kept, now, Style::of(STDOUT_FILENO));
  co_return print(text, 1);
}

int act(const StatusArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(show(arguments));
}

}  // namespace

int status_command(const Arguments& arguments) {
  return handle(status_usage(), parse_status(arguments), act);
}

}  // namespace nigh::cli
