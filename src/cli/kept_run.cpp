// SPDX-License-Identifier: Apache-2.0
#include "cli/kept_run.hpp"

#include <array>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/outcome.hpp"

namespace nigh::cli {
namespace {

// Returns when the host knows that we have left. What is read meanwhile is not acknowledged to
// the last byte, so that whoever attaches gets it from the beginning.
boost::asio::awaitable<void> leave(async::Process& process) {
  process.detach();
  std::array<char, 4096> unwanted{};
  try {
    while ((co_await process.read_any(unwanted)).size > 0) {
    }
  } catch (const Failure& failure) {
    if (failure.code() != Errc::cancelled) throw;
  }
}

}  // namespace

boost::asio::awaitable<int> start_kept(async::Host host, Command command) {
  bool terminal = command.pty.has_value();
  auto process = co_await host.start(std::move(command));
  if (!terminal) process.close_input();
  co_await process.started();
  auto id = process.session();
  co_await leave(process);
  co_return print(printable(id) + '\n', kOwnFailure);
}

}  // namespace nigh::cli
