// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <ctime>

#include "cli/command.hpp"
#include "cli/ls_listing.hpp"
#include "cli/terminal.hpp"

namespace nigh::cli {
namespace {

LsScreen screen() {
  LsScreen screen{.terminal = ::isatty(STDOUT_FILENO) == 1, .now = std::time(nullptr)};
  screen.style = Style::of(STDOUT_FILENO);
  if (auto size = window_size(); size && size->columns > 0) screen.columns = size->columns;
  return screen;
}

boost::asio::awaitable<int> list(Supervisor& supervisor, const LsArguments& arguments) {
  FileWork work(supervisor, arguments.connect, arguments.json);
  LsListing listing(work, arguments, screen());
  co_await listing.run();
  co_return work.finish();
}

int act(const LsArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(list(supervisor, arguments));
}

}  // namespace

int ls_command(const Arguments& arguments) { return handle(ls_usage(), parse_ls(arguments), act); }

}  // namespace nigh::cli
