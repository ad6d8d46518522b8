// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_run.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <filesystem>
#include <utility>

#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/failure.hpp"
#include "cli/transfer_interrupt.hpp"

namespace nigh::cli {

namespace asio = boost::asio;

// Runs beside the transfer, in the same event loop.
struct TransferRun::Ticker {
  Ticker(const asio::any_io_executor& executor, TransferDisplay& shown)
      : display(shown), timer(executor) {}

  void tick_in_a_second() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      display.tick();
      tick_in_a_second();
    });
  }

  TransferDisplay& display;
  asio::steady_timer timer;
};

TransferRun::TransferRun(Supervisor& supervisor, const TransferArguments& arguments)
    : supervisor_(supervisor), arguments_(arguments), display_(arguments) {}

TransferRun::~TransferRun() = default;

asio::awaitable<int> TransferRun::run() {
  auto executor = co_await asio::this_coro::executor;
  ticker_ = std::make_unique<Ticker>(executor, display_);
  ticker_->tick_in_a_second();
  display_.on_closed = [this, executor] {
    asio::post(executor, [this] { supervisor_.end(128 + SIGPIPE); });
  };
  for (auto& part : parts())
    if (outcome_.interrupted == 0) co_await attempt(std::move(part));
  ticker_->timer.cancel();
  auto status = display_.finish(outcome_);
  co_return usage_&& status == kNothingCopied ? kUsageStatus : status;
}

std::vector<TransferRun::Part> TransferRun::parts() const {
  std::vector<Part> parts;
  for (const auto& source : arguments_.sources) {
    if (parts.empty() || parts.back().host != source.host) parts.push_back({source.host, {}});
    parts.back().paths.push_back(source.path);
  }
  return parts;
}

asio::awaitable<void> TransferRun::attempt(Part part) {
  std::exception_ptr thrown;
  try {
    const auto& to = arguments_.destination.host;
    for (const auto& name : {part.host, to})
      if (!name.empty()) (void)co_await host(name);  // a signal meanwhile ends nigh at once
    if (!part.host.empty() && !to.empty()) busy_with_ = fmt::format("{} -> {}", part.host, to);
    if (parts().size() > 1) co_await check_destination();
    co_await until_signal(supervisor_, outcome_.interrupted, transfer(std::move(part)));
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) failed(thrown);
}

void TransferRun::failed(const std::exception_ptr& thrown) {
  if (outcome_.interrupted != 0) return;  // which is told at the end
  auto error = to_error(thrown);
  outcome_.broken = true;
  usage_ = error.code == Errc::usage;
  display_.broken(busy_with_, error);
}

asio::awaitable<void> TransferRun::transfer(Part part) {
  bool from_host = !part.host.empty();
  auto events = display_.events(from_host ? part.host : arguments_.destination.host, part.paths);
  auto work = !from_host                            ? put(std::move(part), std::move(events))
              : !arguments_.destination.is_remote() ? get(std::move(part), std::move(events))
                                                    : relay(std::move(part), std::move(events));
  outcome_.add(co_await std::move(work));
}

asio::awaitable<TransferReport> TransferRun::put(Part part, TransferEvents events) {
  auto to = co_await host(arguments_.destination.host);
  const auto& path = arguments_.destination.path;
  if (is_sync())
    co_return co_await to.sync_to(part.paths[0], path, arguments_.options, std::move(events));
  co_return co_await to.put(std::move(part.paths), path, arguments_.options, std::move(events));
}

asio::awaitable<TransferReport> TransferRun::get(Part part, TransferEvents events) {
  auto from = co_await host(part.host);
  const auto& path = arguments_.destination.path;
  if (is_sync())
    co_return co_await from.sync_from(part.paths[0], path, arguments_.options, std::move(events));
  co_return co_await from.get(std::move(part.paths), path, arguments_.options, std::move(events));
}

asio::awaitable<TransferReport> TransferRun::relay(Part part, TransferEvents events) {
  auto from = co_await host(part.host);
  auto to = co_await host(arguments_.destination.host);
  co_return co_await async::relay(from, std::move(part.paths), to, arguments_.destination.path,
                                  is_sync(), arguments_.options, std::move(events));
}

// With several parts each transfer knows only of its own sources, and would take a name that is
// free for that of its copy.
asio::awaitable<void> TransferRun::check_destination() {
  const auto& destination = arguments_.destination;
  bool there = false;
  if (destination.is_remote()) {
    auto to = co_await host(destination.host);
    try {
      // The slash leads through a link.
      auto info = co_await to.stat(destination.path.empty() ? "." : destination.path + "/.");
      there = info.kind == FileKind::directory;
    } catch (const Failure&) {  // it is not there, or a file
    }
  } else {
    std::error_code ignored;  // then it is no folder that could be used
    there = std::filesystem::is_directory(destination.path, ignored);
  }
  if (!there)
    throw Failure(Errc::not_found,
                  fmt::format("several sources need a folder to go into, and {} is none",
                              destination.text()));
}

asio::awaitable<async::Host> TransferRun::host(std::string name) {
  busy_with_ = name;
  if (auto known = hosts_.find(name); known != hosts_.end()) co_return known->second;
  auto connected = co_await connect(supervisor_, name, arguments_.connect);
  co_return hosts_.emplace(name, std::move(connected)).first->second;
}

}  // namespace nigh::cli
