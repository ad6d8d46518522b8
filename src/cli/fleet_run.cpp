// SPDX-License-Identifier: Apache-2.0
#include "cli/fleet_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "base/text.hpp"
#include "cli/capture.hpp"
#include "cli/console.hpp"
#include "cli/host_run.hpp"
#include "cli/line_prefixer.hpp"
#include "cli/style.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {
namespace asio = boost::asio;
}

FleetRun::FleetRun(Supervisor& supervisor, const RunArguments& arguments)
    : supervisor_(supervisor), arguments_(arguments), output_(supervisor) {
  for (const auto& host : arguments_.hosts) {
    outcomes_.push_back({.host = host});
    widest_ = std::max(widest_, columns_of(printable(host)));
  }
}

asio::awaitable<int> FleetRun::run() {
  auto executor = co_await asio::this_coro::executor;
  using Worker = decltype(asio::co_spawn(executor, work_off(), asio::deferred));
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < std::min(arguments_.parallel, outcomes_.size()); ++i)
    workers.push_back(asio::co_spawn(executor, work_off(), asio::deferred));
  auto group = asio::experimental::make_parallel_group(std::move(workers));
  auto [order, failures] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (auto i : order)
    if (failures[i]) std::rethrow_exception(failures[i]);
  tell(summary(outcomes_));
  co_return worst_status(outcomes_);
}

asio::awaitable<void> FleetRun::work_off() {
  while (next_ < outcomes_.size()) {
    auto& outcome = outcomes_[next_++];
    if (arguments_.json)
      co_await run_with_json(outcome);
    else
      co_await run_with_lines(outcome);
  }
}

asio::awaitable<void> FleetRun::run_with_lines(Outcome& outcome) {
  Consumer consume = [this, &outcome](async::Process& p) { return print_lines(p, outcome); };
  co_await run_on_host(supervisor_, arguments_, consume, outcome);
}

asio::awaitable<void> FleetRun::run_with_json(Outcome& outcome) {
  Captured captured;
  Consumer consume = [&captured](async::Process& p) { return capture(p, captured); };
  co_await run_on_host(supervisor_, arguments_, consume, outcome);
  outcome.out = std::move(captured.out);
  outcome.err = std::move(captured.err);
  output_.write(STDOUT_FILENO, to_json(outcome, arguments_.command) + '\n');
  outcome.out = {};  // a hundred hosts' output is not kept to the end
  outcome.err = {};
}

asio::awaitable<ExitStatus> FleetRun::print_lines(async::Process& process, const Outcome& outcome) {
  LinePrefixer out(prefix(outcome.host, STDOUT_FILENO));
  LinePrefixer err(prefix(outcome.host, STDERR_FILENO));
  auto chunk = std::make_unique<std::array<char, 64u << 10>>();
  process.close_input();
  for (;;) {
    auto piece = co_await process.read_any(*chunk);
    if (piece.size == 0) break;
    std::string_view bytes(chunk->data(), piece.size);
    if (piece.channel == Channel::out)
      output_.write(STDOUT_FILENO, out.feed(bytes));
    else
      output_.write(STDERR_FILENO, err.feed(bytes));
  }
  output_.write(STDOUT_FILENO, out.finish());
  output_.write(STDERR_FILENO, err.finish());
  co_return co_await process.wait();
}

std::string FleetRun::prefix(const std::string& host, int fd) const {
  auto shown = printable(host);
  std::string padding(widest_ - columns_of(shown) + 1, ' ');
  return Style::of(fd).name(shown + ":") + padding;
}

}  // namespace nigh::cli
